/* placeholder */
#include "mail/address_int.h"
void addresses_strict(struct arena *a, struct str s, struct addresses *out)
{
	(void)a; (void)s; (void)out;
}
