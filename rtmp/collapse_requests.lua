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
local A_MOMENT = "max-age=0, s-maxage=1" -- how long caches keep a redirect to plain HLS

local pending = {}                        -- by URL: pending requests
local responses = lrucache.new(KEPT_MAX)  -- by URL: responses to blocking playlist requests
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

local function send(request)
    local packager = ngx.socket.tcp()
    packager:settimeouts(CONNECT_MS, CONNECT_MS, WAIT_MS)
    local is_connected = request.socket and packager:connect(request.socket)
    if not (is_connected or packager:connect(request.host, request.port)) then return nil end
    local target = "/for/" .. (readers:get(request.rendition) or 1) .. request.url
    local response = packager:send("GET " .. target .. " HTTP/1.1\r\nHost: packager\r\n\r\n") and receive(packager)
    if response then packager:setkeepalive(IDLE_MS, IDLE_MAX) else packager:close() end
    return response
end

local function fetch(_, request)
    request.response = send(request) or { status = 502 }
    pending[request.url] = nil
    if request.is_blocking and request.response.status == 200 then
        responses:set(request.url, request.response, KEPT_SECONDS)
        readers:set(request.rendition, request.waiting, KEPT_SECONDS)
    end
    while request.waiting > 0 do
        local count = math.min(request.waiting, AT_ONCE)
        request.waiting = request.waiting - count
        request.semaphore:post(count)
        if request.waiting > 0 then ngx.sleep(PAUSE) end
    end
end

local function wait(url, socket, host, port)
    local request = pending[url]
    if not request then
        request = {
            url = url,
            rendition = ngx.var.uri .. (ngx.var.arg__HLS_skip or ""),
            is_blocking = ngx.var.arg__HLS_msn ~= nil,
            socket = socket,
            host = host,
            port = port,
            waiting = 0,
            semaphore = semaphore.new(),
        }
        -- Run in a timer, because the viewer of this request may disconnect before the others.
        if not ngx.timer.at(0, fetch, request) then return { status = 503 } end
        pending[url] = request
    end
    request.waiting = request.waiting + 1
    request.semaphore:wait((CONNECT_MS + WAIT_MS) / 1000)
    if not request.response and pending[url] == request then pending[url] = nil end
    return request.response or { status = 504 }
end

-- Answer this request with the response of the packager at `socket`, or at `host` and `port` if that does not work.
-- Redirect a request for a multivariant playlist that does not exist to the playlist of plain HLS.
package.loaded.collapse_requests = function(socket, host, port)
    local url = ngx.var.request_uri
    local response = responses:get(url) or wait(url, socket, host, port)
    local channel = ngx.var.uri:match("^/ll/([^/]+)/index%.m3u8$")
    if channel and response.status ~= 200 then  -- no low latency: the stream has just begun, or the packager is down
        ngx.header["Cache-Control"] = A_MOMENT
        return ngx.redirect("/hls/" .. channel .. "/index.m3u8")
    end
    if not response.body then return ngx.exit(response.status) end
    ngx.status = response.status
    local headers = ngx.header
    for name, value in pairs(response.headers) do headers[name] = value end
    ngx.print(response.body)
end
