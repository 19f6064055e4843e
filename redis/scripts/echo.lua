-- Answers with its key and argument: what tests of the store run.
return { KEYS[1], ARGV[1] }
