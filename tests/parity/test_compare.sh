#!/bin/sh
# The comparison that judges mekiki must itself count right, and must be able to
# say no.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

answers()
{
	tr ' ' '\t' >"$work/$1"
}

# expect STATUS OUTPUT-PATTERN ARGUMENT...
expect()
{
	status=$1 pattern=$2
	shift 2
	got=0
	output=$(perl tests/parity/compare.pl "$@" 2>&1) || got=$?
	if [ "$got" -ne "$status" ] || ! echo "$output" | grep -Eq "$pattern"; then
		echo "compare.pl $*: status $got, expected $status and /$pattern/ in:"
		echo "$output"
		failed=1
	fi
}

answers sa <<'END'
a 1.000 A,B __X,__X
b 2.000 A __X
c 0.000  
d - died 
e 3.000 B __Y
END
answers same <<'END'
e 3.000 B __Y
c 0.000  
b 2.000 A __X
a 1.000 A,B __X,__X
END
answers other <<'END'
a 1.000 A __X
b 2.500 A __X,__Z
c 0.000  
e 3.000 B __Y
END
answers absent <<'END'
a 1.000 A,B __X,__X
END

expect 0 'everything +4 +100.00' --min-rules 100 --min-subrules 100 "$work/sa" "$work/same"
expect 0 'did not answer 1 more' "$work/sa" "$work/same"
expect 0 'same scored rules +3 +75.00' "$work/sa" "$work/other"
expect 0 'same score +3 +75.00' "$work/sa" "$work/other"
expect 0 'rules and score +2 +50.00' "$work/sa" "$work/other"
expect 0 'same subrules +2 +50.00' "$work/sa" "$work/other"
expect 0 'everything +2 +50.00' "$work/sa" "$work/other"
expect 0 '^  B +1 +0 +0 +a$' "$work/sa" "$work/other"
expect 0 '^  __X +0 +0 +1 +a$' "$work/sa" "$work/other"
expect 0 '^  __Z +0 +1 +0 +b$' "$work/sa" "$work/other"
expect 0 '^missed.*SA 1, us 0.*a$' --rule B "$work/sa" "$work/other"
expect 0 'score: SA 2.000, us 2.500' --differing "$work/sa" "$work/other"
expect 0 '.' --min-rules 50 --min-subrules 50 "$work/sa" "$work/other"
expect 1 '.' --min-rules 51 "$work/sa" "$work/other"
expect 1 '.' --min-subrules 51 "$work/sa" "$work/other"
expect 0 'did not answer 3' "$work/sa" "$work/absent"
expect 0 'everything +1 +25.00' "$work/sa" "$work/absent"
exit $failed
