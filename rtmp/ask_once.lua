-- Low-latency playlists: nginx sends one request to the packager for all viewers that wait for the same playlist.
--
-- If nginx proxied each viewer's request, the proxying would be a third of all the work for a part. proxy_cache_lock
-- of nginx also joins requests, but it checks for the response only every 500 ms.
-- The tables below belong to the worker process, and nginx has one worker.

local lrucache = require "resty.lrucache"
local semaphore = require "ngx.semaphore"

local CONNECT_MS, WAIT_MS = 1000, 15000  -- the packager answers after 9 s at most, even without a new part
local IDLE_MS, IDLE_MAX = 60000, 1024    -- idle connections to the packager
local AT_ONCE, PAUSE = 256, 0.001        -- viewers answered in a row, then a pause for other work of nginx
local KEPT_SECONDS = 2                   -- late requests get the same response for this time
local KEPT_MAX = 1024

local asked = {}                          -- by URL: pending requests
local answered = lrucache.new(KEPT_MAX)   -- by URL: responses to blocking playlist requests
local readers = lrucache.new(KEPT_MAX)    -- by rendition: number of viewers that waited for the last response

local function receive(packager)
    local status = tonumber((packager:receive("*l") or ""):match("^HTTP/1%.1 (%d%d%d) "))
    if not status then return nil end
    local headers = {}
    while true do
        local line = packager:receive("*l")
        if not line then return nil end
        if line == "" then break end
        local name, value = line:match("^([^:]+): *(.*)$")
        if name then headers[name] = value end
    end
    local body = packager:receive(tonumber(headers["Content-Length"]) or 0)
    return body and { status = status, headers = headers, body = body }
end

local function ask(question)
    local packager = ngx.socket.tcp()
    packager:settimeouts(CONNECT_MS, CONNECT_MS, WAIT_MS)
    local is_connected = question.socket and packager:connect(question.socket)
    if not (is_connected or packager:connect("127.0.0.1", question.port)) then return nil end
    local target = "/for/" .. (readers:get(question.rendition) or 1) .. question.address
    local answer = packager:send("GET " .. target .. " HTTP/1.1\r\nHost: packager\r\n\r\n") and receive(packager)
    if answer then packager:setkeepalive(IDLE_MS, IDLE_MAX) else packager:close() end
    return answer
end

local function find_out(_, question)
    question.answer = ask(question) or { status = 502 }
    asked[question.address] = nil
    if question.is_blocking and question.answer.status == 200 then
        answered:set(question.address, question.answer, KEPT_SECONDS)
        readers:set(question.rendition, question.waiting, KEPT_SECONDS)
    end
    while question.waiting > 0 do
        local count = math.min(question.waiting, AT_ONCE)
        question.waiting = question.waiting - count
        question.semaphore:post(count)
        if question.waiting > 0 then ngx.sleep(PAUSE) end
    end
end

local function wait(address, socket, port)
    local question = asked[address]
    if not question then
        question = {
            address = address,
            rendition = ngx.var.uri .. (ngx.var.arg__HLS_skip or ""),
            is_blocking = ngx.var.arg__HLS_msn ~= nil,
            socket = socket,
            port = port,
            waiting = 0,
            semaphore = semaphore.new(),
        }
        -- Run in a timer, because the viewer of this request may disconnect before the others.
        if not ngx.timer.at(0, find_out, question) then return { status = 503 } end
        asked[address] = question
    end
    question.waiting = question.waiting + 1
    question.semaphore:wait((CONNECT_MS + WAIT_MS) / 1000)
    if not question.answer and asked[address] == question then asked[address] = nil end
    return question.answer or { status = 504 }
end

-- Answer this request with the response of the packager at `socket`, or at `port` if the socket does not work.
package.loaded.ask_once = function(socket, port)
    local address = ngx.var.request_uri
    local answer = answered:get(address) or wait(address, socket, port)
    if not answer.body then return ngx.exit(answer.status) end
    ngx.status = answer.status
    local headers = ngx.header
    for name, value in pairs(answer.headers) do headers[name] = value end
    ngx.print(answer.body)
end
