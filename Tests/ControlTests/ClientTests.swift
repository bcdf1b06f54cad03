// SPDX-License-Identifier: MIT
import Glibc
import Health
import SystemPackage
import TestSupport
import Testing

@testable import Control

@Suite struct `A client of a director` {
  @Test func `reads what the director tells`() throws {
    let scene = try Scene()
    let client = scene.client
    #expect(try client.director() == Scene.director)
    #expect(try client.servers() == [Scene.a1])
    #expect(try client.server("a1") == Scene.a1)
    #expect(try client.services() == [Scene.web])
  }

  @Test func `says what is wanted`() throws {
    let scene = try Scene()
    try scene.client.setState(of: "a1", to: .drain, reason: "kernel \"upgrade\"")
    try scene.client.setState(of: "a 1/%", to: nil, reason: "")
    try scene.client.setWeight(of: "a1", in: "web", to: 5, reason: "")
    try scene.client.setWeight(of: "a1", in: nil, to: nil, reason: "as before")
    try scene.client.reload()
    #expect(
      scene.asked.requests == [
        .setState(server: "a1", .drain, reason: "kernel \"upgrade\""),
        .setState(server: "a 1/%", nil, reason: ""),
        .setWeight(server: "a1", service: "web", 5, reason: ""),
        .setWeight(server: "a1", service: nil, nil, reason: "as before"),
        .reload,
      ])
  }

  @Test func `hands the director's words on`() throws {
    let scene = try Scene()
    let client = scene.client
    #expect(throws: ControlError("there is no server \"b1\"; did you mean \"a1\"?")) { try client.server("b1") }
    #expect(throws: ControlError("busy is the last one up")) {
      try client.setState(of: "busy", to: .drain, reason: "")
    }
  }

  @Test func `says that no director is there`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path(of: "socket")
    #expect(throws: ControlError("cannot talk to the director at \(path): it does not run; start culvert run")) {
      try ControlClient(at: FilePath(path)).servers()
    }
  }

  @Test func `says who may talk to it`() throws {
    let path = FilePath("/tmp/socket-of-nobody")
    #expect(
      "\(Unreachable(path, .permissionDenied).error)"
        == "cannot talk to the director at \(path): permission denied: be root")
    let scene = try Scene(.init(mode: 0o660))
    #expect("\(Unreachable(FilePath(scene.path), .permissionDenied).error)".hasSuffix("be root or in group root"))
  }

  @Test func `encodes names`() throws {
    let names = ["a1", "b-2_x.y", "ä/ %"]
    #expect(names.map(\.percentEncoded) == ["a1", "b-2_x.y", "%C3%A4%2F%20%25"])
    #expect(names.map { $0.percentEncoded.percentDecoded } == names)
    #expect(["%", "%4", "%4g", "%ff", "%+1"].map(\.percentDecoded) == [nil, nil, nil, nil, nil])
  }
}
