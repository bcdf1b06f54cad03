-- SPDX-License-Identifier: MIT
-- Generic UDP encapsulation (draft-ietf-intarea-gue-09), of which tshark has no
-- dissector: variant 0 with its header, and variant 1, which is IP at once.
local gue = Proto("gue", "Generic UDP Encapsulation")
local variant = ProtoField.uint8("gue.variant", "Variant", base.DEC, nil, 0xC0)
local control = ProtoField.bool("gue.control", "Control", 8, nil, 0x20)
local length = ProtoField.uint8("gue.hlen", "Header length", base.DEC, nil, 0x1F)
local protocol = ProtoField.uint8("gue.proto", "Protocol")
local flags = ProtoField.uint16("gue.flags", "Flags", base.HEX)
local malformed = ProtoExpert.new(
  "gue.malformed", "not GUE", expert.group.MALFORMED, expert.severity.ERROR)
gue.fields = {variant, control, length, protocol, flags}
gue.experts = {malformed}

local inner = {[4] = Dissector.get("ip"), [41] = Dissector.get("ipv6")}

function gue.dissector(bytes, packet, tree)
  local first = bytes(0, 1):uint()
  if first >= 0x40 and first < 0x80 then
    -- Variant 1: its two bits are the first of IP's version.
    tree:add(gue, bytes(0, 0)):append_text(", variant 1")
    return inner[first >= 0x60 and 41 or 4]:call(bytes, packet, tree)
  end
  local header = tree:add(gue, bytes(0, 4))
  header:add(variant, bytes(0, 1))
  header:add(control, bytes(0, 1))
  header:add(length, bytes(0, 1))
  header:add(protocol, bytes(1, 1))
  header:add(flags, bytes(2, 2))
  local carried = inner[bytes(1, 1):uint()]
  if bytes(0, 1):uint() ~= 0 or bytes(2, 2):uint() ~= 0 or not carried then
    header:add_proto_expert_info(malformed)
    return bytes:len()
  end
  return carried:call(bytes(4):tvb(), packet, tree)
end

local ports = DissectorTable.get("udp.port")
ports:add(6080, gue)
ports:add(6081, gue)
