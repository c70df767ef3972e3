-- Leads that differ in name, address and number; with KNOWN=1 of some hundred addresses.
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
local made = 0
function request()
    made = made + 1
    local unique = string.format("%d-%d-%s", id, made, os.getenv("ROUND"))
    local address = os.getenv("KNOWN") and "known" .. made % 100 or unique
    return wrk.format("POST", nil, {["Content-Type"] = "application/json", ["Authorization"] = os.getenv("AUTHORIZATION")},
        '{"first_name":"Sarah","last_name":"Johnson","email":"' .. address .. '@example.org","source":"website",'
        .. '"phone":"+1 415 ' .. made .. os.getenv("ROUND") .. '","notes":"Interested in the enterprise plan.",'
        .. '"custom_fields":{"budget":"10000"},"tags":["hot-lead","enterprise"]}')
end
