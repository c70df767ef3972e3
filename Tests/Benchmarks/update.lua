-- One field of leads all over the workspace.
local made = 0
function request()
    made = made + 1
    return wrk.format("PATCH", "/api/v1/leads/" .. (made * 7919 % 900 * 100 + 1),
        {["Content-Type"] = "application/json", ["Authorization"] = os.getenv("AUTHORIZATION")},
        '{"lead_score":' .. (made + os.getenv("ROUND")) % 1000 .. '}')
end
