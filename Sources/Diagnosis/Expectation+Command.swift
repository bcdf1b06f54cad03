// SPDX-License-Identifier: MIT
import Provisioning
import Wire

extension Case {
  /// Has the host set up anew, with one more director.
  func admitting(_ director: IPAddress) -> Mend {
    var request = expectation.request
    request.directors.append(IPPrefix(host: director))
    return Mend(then: .restart(request))
  }
}

extension RealServerRequest {
  /// As the options of 'culvert real up'.
  var options: String {
    var words = virtualAddresses.map { "--vip \($0.brief)" } + directors.map { "--director \($0.brief)" }
    words.append("--interface \(interface)")
    if encapsulation != .ipip { words.append("--encapsulation \(encapsulation.rawValue)") }
    if let key { words.append("--key \(key)") }
    if let port { words.append("--port \(port)") }
    if let mtu { words.append("--mtu \(mtu)") }
    if decapsulation != .auto { words.append("--decapsulate \(decapsulation.rawValue)") }
    words += endpoints.map { "--local \($0)" } + services.map { "--service \($0)" }
    if bpffs != "/sys/fs/bpf" { words.append("--bpffs \(bpffs)") }
    return words.joined(separator: " ")
  }
}
