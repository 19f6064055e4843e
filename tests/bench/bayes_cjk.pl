#!/usr/bin/perl
# Is Bayes better at Japanese and Chinese mail with the words that ICU finds?
# Writes mails, ham about work and spam of the usual kinds, whose sentences share
# most of their characters and phrases; learns four fifths of so many of them,
# scores the rest, five times over, with bayes_cjk_words off and on; prints errors
# at 0.5, messages left between 0.1 and 0.9, and the mean loss (-log2 of the
# probability given to the truth, at most 20).
#
#   tests/bench/bayes_cjk.pl BUILD [SEED [SHARE]]
#
# SHARE: how many of the telling words of a mail are of its own kind (0.9).
use strict;
use warnings;
use utf8;
use Encode ();
use File::Temp qw(tempdir);
use MIME::Base64 ();

my ($build, $seed, $share) = @ARGV;
$seed //= 1;
$share //= 0.9;
die "usage: $0 BUILD [SEED]\n" unless defined $build && -x "$build/parity/tokens_dump";
srand $seed;
my $dir = tempdir(CLEANUP => 1);

# {A}: a word of list A of the message's kind; the frames are the same for both.
my %language = (
	ja => {
		frames => ['いつもお世話になっております。{A}の件でご連絡いたします。', '{A}について、{B}までにご確認ください。',
			'お忙しいところ恐れ入りますが、{A}をお願いいたします。', '{B}の{A}をお送りします。',
			'本日{B}より{A}を開始いたしました。', 'ご不明な点がございましたらお問い合わせください。',
			'{A}と{A}はこちらからご覧いただけます。', '今後ともよろしくお願い申し上げます。',
			'先日の{A}はいかがでしたでしょうか。', '{B}に{A}が必要です。'],
		ham => ['会議資料', '議事録', '見積書', '納品日程', '設計変更', '試験結果', '出張申請', '在庫確認', '仕様書', '契約内容',
			'障害報告', '人事異動', '研修日程', '予算会議', '発注書', '品質管理', '定例会', '工程表', '検収', '議題', '来週の打ち合わせ',
			'共有フォルダ', '不具合の修正', '開発環境', '進捗報告', '社内規定', '健康診断', '経費精算', '勤務時間', '顧客訪問'],
		spam => ['無料会員', '当選通知', '高額報酬', '在宅副業', '緊急停止', '口座凍結', '本人確認', '限定特典', '投資情報', '即日融資',
			'不正利用', '資産倍増', '秘密の出会い', '利用制限', '会費無料', '人妻', '賞金受取', '最終通告', '更新手続き', '未納料金',
			'激安通販', '偽物', '精力剤', '株価急騰', '確実に稼げる', 'ポイント進呈', 'クーポン', '登録無料', '電話番号認証', '不在通知'],
		B => ['午後', '明日', '来週', '月末', '本日中', '三日以内', '金曜日', '今月', '十時', '年度末'],
	},
	zh => {
		frames => ['您好,关于{A}的事情,请您在{B}之前确认。', '附件是{A},请查收。', '{B}我们将进行{A}。', '如有疑问请随时与我联系,谢谢。',
			'请尽快处理{A}和{A}。', '感谢您一直以来的支持。', '有关{A},{B}会再通知您。', '请点击查看{A}。', '{A}已经准备好了。'],
		ham => ['会议纪要', '项目进度', '测试报告', '合同条款', '采购订单', '出差申请', '设计方案', '库存清单', '质量检查', '培训安排',
			'技术文档', '客户反馈', '报销单', '需求评审', '工作总结', '版本发布', '生产计划', '接口说明', '部门例会', '年度预算',
			'故障分析', '图纸', '样品', '考勤', '交货日期', '招聘计划', '服务器维护', '代码审查', '周报', '验收'],
		spam => ['代开发票', '中奖通知', '免费领取', '高薪兼职', '账户冻结', '密码过期', '低息贷款', '投资理财', '限时优惠', '博彩网站',
			'成人用品', '刷单返利', '增值税票', '会员福利', '内幕股票', '信用卡套现', '红包', '彩票预测', '减肥产品', '办理文凭',
			'邮箱升级', '安全验证', '特价促销', '一夜暴富', '在线赌场', '点击领奖', '快速放款', '账号异常', '代理加盟', '培训优惠'],
		B => ['明天', '下周', '月底', '今天下午', '三天内', '周五', '本月', '十点', '年底', '近期'],
	},
);

print "language  learned  words  errors  unsure  loss\n";
for my $lang (sort keys %language) {
	for my $n (50, 150, 500) {
		my @mails = map { mail($lang, $n, $_) } 0 .. $n - 1;
		for my $words (0, 1) {
			my @tokens = tokens($words, @mails);
			printf "%-8s  %7d  %-5s  %5.1f%%  %5.1f%%  %.3f\n", $lang, $n * 4 / 5,
				$words ? 'on' : 'off', validate(\@mails, \@tokens);
		}
	}
}

sub pick { my ($list) = @_; return $list->[rand() ** 1.7 * @$list] }

sub mail
{
	my ($lang, $n, $i) = @_;
	my $l = $language{$lang};
	my $spam = $i % 2;
	my $text = '';
	for (1 .. 3 + rand 5) {
		my $frame = pick($l->{frames});
		$frame =~ s/\{A\}/pick($l->{(rand() < $share) == $spam ? 'spam' : 'ham'})/ge;
		$frame =~ s/\{B\}/pick($l->{B})/ge;
		$text .= $frame . (rand() < 0.3 ? "\n" : '');
	}
	my $name = "$dir/$lang-$n-$i.eml";
	open my $fh, '>:raw', $name or die "$0: $name: $!\n";
	print $fh "From: a$i\@example.com\nTo: you\@example.org\nMIME-Version: 1.0\n",
		"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n",
		MIME::Base64::encode(Encode::encode('utf-8', "$text\n"));
	return { name => $name, spam => $spam };
}

# Of each mail its tokens' names.
sub tokens
{
	my ($words, @mails) = @_;
	open my $list, '>', "$dir/list" or die "$0: $!\n";
	print $list "$_->{name}\n" for @mails;
	close $list;
	open my $in, '-|', "'$build/parity/tokens_dump' --cf 'bayes_cjk_words $words' - <'$dir/list'"
		or die "$0: $!\n";
	my (@tokens, $learn);
	while (<$in>) {
		push @tokens, [] if /^message /;
		$learn = $1 eq 'learn' if /^\[(\w+)\]/;
		push @{$tokens[-1]}, $1 if $learn && /^([0-9a-f]{10})\t/;
	}
	return @tokens;
}

sub validate
{
	my ($mails, $tokens) = @_;
	my (@questions, @truth);
	for my $fold (0 .. 4) {
		my (%count, @n);
		for my $i (grep { int($_ / 2) % 5 != $fold } 0 .. $#$mails) {
			$n[$mails->[$i]{spam}]++;
			$count{$_}[$mails->[$i]{spam}]++ for @{$tokens->[$i]};
		}
		for my $i (grep { int($_ / 2) % 5 == $fold } 0 .. $#$mails) {
			push @truth, $mails->[$i]{spam};
			push @questions, "$n[1] $n[0] 1" . join('', map {
				my $c = $count{$_} || []; sprintf ' %d:%d', $c->[1] // 0, $c->[0] // 0
			} @{$tokens->[$i]}) . "\n";
		}
	}
	open my $to, '>', "$dir/questions" or die "$0: $!\n";
	print $to @questions;
	close $to;
	my @p = map { (split)[0] } qx{'$build/parity/bayes_dump' <'$dir/questions'};
	my ($errors, $unsure, $loss) = (0, 0, 0);
	for my $i (0 .. $#truth) {
		my $p = $p[$i] < 0 ? 0.5 : $p[$i];
		my $right = $truth[$i] ? $p : 1 - $p;
		$errors++ if $right < 0.5;
		$unsure++ if $p > 0.1 && $p < 0.9;
		$loss += $right > 1e-6 ? -log($right) / log(2) : 20;
	}
	return map { $_ / @truth } 100 * $errors, 100 * $unsure, $loss;
}
