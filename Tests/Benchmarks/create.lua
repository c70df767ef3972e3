-- Leads that differ in name, address and number.
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
local made = 0
function request()
    made = made + 1
    local unique = string.format("%d-%d-%s", id, made, os.getenv("ROUND"))
    return wrk.format("POST", nil, {["Content-Type"] = "application/json", ["Authorization"] = os.getenv("AUTHORIZATION")},
        '{"first_name":"Sarah","last_name":"Johnson","email":"' .. unique .. '@example.org","source":"website",'
        .. '"phone":"+1 415 ' .. made .. os.getenv("ROUND") .. '","notes":"Interested in the enterprise plan.",'
        .. '"custom_fields":{"budget":"10000"},"tags":["hot-lead","enterprise"]}')
end
