// SPDX-License-Identifier: MIT
import Linux
import SystemPackage
import Wire

extension Firewall {
  /// That of the calling thread's network namespace; what cannot be read is among the gaps.
  static func ofThisHost() -> Firewall {
    var firewall = Firewall()
    firewall.readNFT()
    for (version, names, program) in [
      (IPVersion.v4, "ip_tables_names", "iptables-legacy"), (.v6, "ip6_tables_names", "ip6tables-legacy"),
    ] {
      firewall.readLegacy(version, names, program)
    }
    return firewall
  }

  private mutating func readNFT() {
    guard ExternalProgram("nft").file != nil else {
      gaps.append("nftables, since there is no nft (Debian: nftables)")
      return
    }
    do {
      let ending = try ExternalProgram("nft").run(["--json", "--numeric", "list", "ruleset"])
      guard ending.status == 0 else { return gaps.append("nftables (\(ending.output.prefix { $0 != "\n" }))") }
      chains += try Firewall(nft: ending.output).chains
    } catch {
      gaps.append("nftables (\(error))")
    }
  }

  /// The file names tables only where somebody uses this kind: reading it loads nothing.
  private mutating func readLegacy(_ version: IPVersion, _ names: String, _ program: String) {
    guard let tables = try? TextFile.read(FilePath("/proc/thread-self/net/\(names)")), !tables.isEmpty else { return }
    guard let ending = try? ExternalProgram("\(program)-save").run([]), ending.status == 0 else {
      gaps.append("rules of \(program), since there is no \(program)-save (Debian: iptables)")
      return
    }
    chains += Firewall(legacy: ending.output, version, program: program).chains
  }
}
