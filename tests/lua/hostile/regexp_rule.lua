-- The same as a rule.
--! any
config['regexp']['HOSTILE'] = {
	re = '/^(a+)+$/{body} | Subject=/^(\\w+\\s?)+$/H | X-Long=/^(a+)+$/H',
	score = 1.0,
}
