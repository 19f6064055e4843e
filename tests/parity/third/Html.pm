# HTML as newsletters, shops and spammers write it: style sheets, hidden text,
# tracking links, tables in tables, odd tags, entities, forms; well formed or not.
package Html;

use strict;
use warnings;
use Chance qw(rnd pick chance words sentence paragraph);
use Mail qw(mail leaf multipart top);

my @colors = ('#fff', '#ffffff', '#fefefe', 'white', 'black', '#000', '#12', 'red', 'rgb(255,255,255)', 'rgb(10%,10%,10%)', 'rgba(0,0,0,0)', 'transparent',
	'#abcdefg', 'inherit', '#FFFFFE', 'lightgoldenrodyellow', 'bogus', 'hsl(0,0%,100%)', '', 'fff', '#ff ff ff', 'rgb(300,-1,0)');
my @sizes = ('1', '+3', '-4', '0', '7', '12px', '1px', '0.1em', '200%', '1pt', 'small', 'xx-large', '0', 'smaller', '9999', 'x');
my @links = ('http://www.example.com/', 'https://click.example.net/t/?u=http%3A%2F%2Fshop.example.org%2F&id=' . 'a' x 60, 'http://198.18.1.1/x.php?e=user@example.net',
	'mailto:a@example.com?subject=x&body=y', 'https://www.google.com/url?q=http://e.example.org/&sa=D', 'http://xn--bcher-kva.example/', "http://b\xc3\xbccher.example/",
	'//cdn.example.net/x', '/relative/path.html', 'page.html', '#top', 'javascript:void(0)', 'data:text/html;base64,PGI+', 'cid:img1@example', 'http://www.example.com:8080/a%20b/%7Ec',
	'HTTP://WWW.EXAMPLE.COM/UP', "http://www.exam\nple.com/", ' http://spaces.example.com/ ', 'http://user:pw@www.example.com/', 'http://0x7f000001/', 'http://3323068417/',
	'ftp://ftp.example.com/', 'tel:+4912345', 'http://www.example.com/?a=1&amp;b=2&copy=3', 'http://a.example.com/r?url=http://b.example.com/', 'https://bit.ly/x1', 'https://t.co/a2',
	'http://www.example.com\\back\\slash', 'http:/www.example.com/one', 'http:www.example.com', 'https://docs.google.com/forms/d/e/1/viewform', 'http://example.museum', 'http://foo',
	"http://www.example.com/\xe9t\xe9", 'http://www.example.com/%C3%A9', 'http://www.ex%61mple.com', 'http://www.example.com%2fpath', 'http://www.example.com./', 'http://.example.com/', 'http://-a.example.com',
	'http://a_b.example.com/', 'http://[2001:db8::1]/', 'webcal://cal.example.com/a.ics', 'http://www.example.com?x', 'http://www.example.com#x', 'http://www.example.com/"><b>');

sub color { return pick(@colors) }
sub url { return pick(@links) }
sub style
{
	my @s = map { pick('color:' . color(), 'background-color: ' . color(), 'font-size:' . pick(@sizes), 'display:none', 'visibility:hidden', 'font:bold 12px/30px Georgia', 'width:0;height:0',
		'background:url(' . url() . ')', 'line-height:0', 'mso-hide:all', 'opacity:0', 'position:absolute;left:-9999px', 'text-indent:-999px', 'max-height:0;overflow:hidden', 'color: ' . color() . ' !important', 'FONT-SIZE:' . pick(@sizes)) } 1 .. 1 + rnd(3);
	return 'style=' . pick('"', '"', "'") . join('; ', @s) . pick('"', '"', "'");
}
my @blocks = (
	sub { '<p ' . style() . '>' . sentence() . pick('</p>', '') },
	sub { '<div ' . style() . '>' . block() . '</div>' },
	sub { '<span ' . style() . '>' . words(5) . '</span>' },
	sub { '<font ' . pick('color', 'COLOR') . '=' . color() . ' size=' . pick(@sizes) . ' face="' . pick('Arial', 'Comic Sans MS', 'x, y;') . '">' . sentence() . '</font>' },
	sub { '<a href="' . url() . '"' . (chance(20) ? ' ' . style() : '') . '>' . pick(words(3), 'www.example.org/x', '<img src="' . url() . '">', 'http://shown.example.com', '') . '</a>' },
	sub { "<a href='" . url() . "' target=_blank>" . words(2) . '</a>' },
	sub { '<a href=' . url() . '>' . words(2) },
	sub { '<img src="' . url() . '" width=' . pick(1, 600, '100%', '"2px"') . ' height=' . pick(1, 400, '', '50%') . ' alt="' . words(3) . '">' },
	sub { '<table ' . pick('width="100%"', 'bgcolor=' . color(), 'background="' . url() . '"') . '><tr><td bgcolor="' . color() . '">' . block() . pick('</td></tr></table>', '') },
	sub { '<table border=0><tbody>' . join('', map { '<tr><td>' . words(2) . '<td>' . words(2) . '</tr>' } 1 .. 4) . '</table>' },
	sub { '<ul><li>' . sentence() . '<li>' . sentence() . '</ul>' },
	sub { '<h1>' . words(3) . '</h1><hr>' },
	sub { '<form action="' . url() . '" method=post><input type=text name=a><input type=hidden value="' . words(2) . '"><select><option>' . words(1) . '</select><textarea>' . words(4) . '</textarea></form>' },
	sub { '<form action="mailto:a@example.com"><input type=submit></form>' },
	sub { '<script>' . pick('var x = "<b>no</b>"; document.write("http://script.example.com/");', '<!-- x --> y', 'eval(unescape("%3C"))') . '</script>' },
	sub { '<style>p { color: red } /* http://css.example.com/ */</style>' },
	sub { '<!-- ' . words(4) . pick(' -->', '-- >', '-->', ' --!>', '>') },
	sub { '<![if mso]>' . words(2) . '<![endif]>' }, sub { '<!--[if gte mso 9]><xml>' . words(2) . '</xml><![endif]-->' },
	sub { '<iframe src="' . url() . '" width=0></iframe>' }, sub { '<object data="' . url() . '"><embed src="' . url() . '"></object>' },
	sub { '<blockquote>' . sentence() . '</blockquote><pre>  ' . words(2) . "\n   " . words(2) . '</pre>' },
	sub { join '', map { pick('&eacute;', '&nbsp;', '&#8364;', '&#x4e2d;', '&copy', '&amp;', '&lt;b&gt;', '&bogus;', '&#0;', '&#xFFFFFF;', '&#8203;', '&zwnj;', '&shy;', '&#160;', '&#38', '&quot;', '&Eacute;', '&euro;', '&#x85;', '&#150;') . words(1) } 1 .. 6 },
	sub { my $w = words(2); $w =~ s/(?<=\w)(?=\w)/pick('', '', '<b><\/b>', '<!-- x -->', '<i>', '<x1>', '&shy;')/ge; $w },
	sub { '<title>' . words(3) . '</title>' }, sub { '<base href="' . url() . '">' },
	sub { '<meta http-equiv=refresh content="0; url=' . url() . '">' }, sub { '<link rel=stylesheet href="' . url() . '">' },
	sub { '<marquee>' . words(2) . '</marquee><blink>' . words(1) . '</blink>' }, sub { '<' . words(1) . ' ' . words(1) . '=' . words(1) . '>' . words(2) },
	sub { '<b><i>' . words(2) . '</b></i>' }, sub { '</div></span></td>' . words(1) }, sub { '<br><br/>' . words(2) . '<BR CLEAR=all >' },
	sub { '< b >' . words(1) . '</ b >' }, sub { '<a href="' . words(2) }, sub { '<p' . words(1) }, sub { '5 < 6 and 7 > 4 & so on' }, sub { "<b\n\n class=\"a>b\">" . words(1) . '</b>' },
	sub { '<o:p></o:p><v:shape id="x"><w:wrap/></v:shape>' }, sub { '<svg><text>' . words(2) . '</text></svg>' }, sub { '<area href="' . url() . '"><input type=image src="' . url() . '">' },
	sub { '<body text=' . color() . ' bgcolor=' . color() . ' link=' . color() . '>' }, sub { '<td background="' . url() . '">' }, sub { '<center><big><small><tt>' . words(2) . '</tt></small></big></center>' },
	sub { '<a data-saferedirecturl="https://www.google.com/url?q=' . url() . '" href="' . url() . '">' . words(1) . '</a>' }, sub { '<xmp><b>' . words(2) . '</b></xmp><plaintext-not>' },
	sub { '<noscript><img src="' . url() . '"></noscript><noframes>' . words(1) . '</noframes>' }, sub { '<textarea><p>' . words(2) . '</textarea>' }, sub { "\0" . words(1) }, sub { '<? xml ?> <!DOCTYPE html><!x>' . words(1) },
	sub { '<![CDATA[ ' . words(2) . ' ]]>' }, sub { words(2) . '<0>' . words(1) . '<_x>' . words(1) . '</>' }, sub { '<p style=' . words(1) . '>' . words(1) }, sub { '<font>' x 30 . words(1) },
);
my $depth = 0;
sub block
{
	return words(3) if $depth > 5;
	$depth++;
	my $s = pick(@blocks)->();
	$depth--;
	return $s;
}

sub page
{
	my ($first) = @_;
	my $n = 2 + rnd(25);
	my $s = pick("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n", '', '') .
		pick('<html><head>', '<HTML xmlns="http://www.w3.org/1999/xhtml"><HEAD>', '') .
		pick('', '<style type="text/css">body{background:#fff;color:#000} .h{display:none}@media only screen and (max-width:600px){td{width:100%!important}}</style>', '<meta charset=utf-8>') .
		pick('<title>' . words(4) . '</title>', '') . pick('</head><body>', '<body bgcolor="' . color() . '" text="' . color() . '">', '');
	$s .= ($first ? $first->() : block()) . pick("\n", '', ' ') for 1 .. ($first ? 3 : 1);
	$s .= block() . pick("\n", '', ' ', "\r\n") for 1 .. $n;
	return $s . pick('</body></html>', '</BODY>', '', '</html>trailing ' . words(2)) . "\n";
}

sub message
{
	my ($first) = @_;
	my $e = pick('quoted-printable', '8bit', '7bit', 'base64', 'quoted-printable');
	my $html = leaf(pick('text/html; charset=utf-8', 'text/html; charset="iso-8859-1"', 'text/html', 'text/html; charset=windows-1252'), $e, page($first));
	my %list = chance(30) ? ('List-Unsubscribe' => '<http://unsub.example.com/u>, <mailto:u@example.com>', 'Precedence' => 'bulk') : ();
	return mail(top(%list), $html) if chance(50);
	return mail(top(%list), multipart(pick(qw(alternative mixed related)), leaf('text/plain; charset=utf-8', '', paragraph(3) . "\n" . url() . "\n"), $html));
}

sub messages
{
	return ((map { my $n = $_; [sprintf('block-%02d', $n), sub { message($blocks[$n]) }] } 0 .. $#blocks),
		map { [sprintf('page-%02d', $_), sub { message() }] } 1 .. 60);
}

1;
