-- A loop without an end while the file is loaded.
--! load loading it took more than its budget
while true do pcall(function() while true do end end) end
