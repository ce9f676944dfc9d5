"""A small standard of our own making, with every feature of the shape: two levels, three services, open references."""

from pathlib import Path

HEAD = """\
standard: X-1
number: X 1-2020
title: {zh: 借用规范, en: Rules of lending}
issuer: {zh: 某会, en: A board}
edition: "2020"
in_force: 2020-03-01
axes:
  level: {name: {zh: 级别, en: Level}, values: {"2": {zh: 二级, en: Level 2}, "3": {zh: 三级, en: Level 3}}}
  service:
    name: {zh: 服务, en: Service}
    values: {S1: {zh: 柜, en: Rack}, S2: {zh: 房, en: Room}, S3: {zh: 机, en: Machines}, S4: {zh: 全, en: All}}
cells:
  L2S1: {at: {level: "2", service: S1}, sections: ["5.1"]}
  L2S2: {at: {level: "2", service: S2}, sections: ["5.2"]}
  L2S3: {at: {level: "2", service: S3}, sections: ["5.3"]}
  L2S4: {at: {level: "2", service: S4}, sections: ["5.4"]}
  L3S1: {at: {level: "3", service: S1}, sections: ["6.1"]}
sections:
  "4.1": {zh: 总则, en: General}
  "5.1.1": {zh: 柜设施, en: Facilities of the rack, subject: facilities}
  "5.1.2": {zh: 柜运维, en: Operation of the rack}
  "5.2.1": {zh: 房设施, en: Facilities of the room, subject: facilities}
  "5.3.1": {zh: 机设施, en: Facilities of the machines, subject: facilities}
  "5.3.2": {zh: 机运维, en: Operation of the machines}
  "5.4.1": {zh: 全设施, en: Facilities of all, subject: facilities}
  "5.4.2": {zh: 全运维, en: Operation of all}
  "6.1.1": {zh: 柜设施, en: Facilities of the rack, subject: facilities}
  "6.1.2": {zh: 柜运维, en: Operation of the rack}
choices:
  subjects: {facilities: {zh: 设施, en: Facilities}}
  alternatives: {S1: {zh: 柜, en: Rack}, S2: {zh: 房, en: Room}}
triggers:
  request: {zh: 提出请求, en: a request}
"""

TOPICS = """\
- topic: general
  name: {zh: 总则, en: General rule}
  statements:
    - {strength: must, bound: client, trigger: null, zh: 委托方应择优, en: The client chooses well.}
  entries:
    4.1-a: {}
- topic: room-grade
  name: {zh: 机房等级, en: Grade of the room}
  parameters:
    grade: {kind: choice, name: {zh: 级, en: Grade}}
    place: {kind: word, name: {zh: 处, en: Place}, values: {rack: {zh: 柜, en: rack}, room: {zh: 房, en: room}}}
  statements:
    - strength: must
      bound: provider
      trigger: null
      zh: "{place}达到 {grade} 级"
      en: "The {place} is of grade {grade}."
  entries:
    5.1.1-a: {grade: B, place: rack}
    5.2.1-a: {grade: B, place: room}
    6.1.1-a: {grade: A, place: rack}
- topic: two-feeds
  name: {zh: 双路, en: Two feeds}
  parameters:
    norm: {kind: standard, name: {zh: 标准, en: Standard}}
  statements:
    - {strength: should, bound: provider, trigger: null, zh: "双路供电，见 {norm}", en: "Two feeds, by {norm}."}
    - {strength: must, bound: provider, trigger: null, zh: 各有开关, en: Each has a switch.}
  entries:
    5.1.1-b: {norm: GB 1}
    6.1.1-b: {values: {norm: GB 2}, statements: {1: {strength: must}}, more: [
      {strength: must, bound: both, trigger: null, zh: 每年演练, en: They are drilled each year.}]}
- topic: response
  name: {zh: 响应, en: Response}
  parameters:
    minutes: {kind: minutes, name: {zh: 响应时限, en: Time to respond}}
    availability: {kind: percent, name: {zh: 可用性, en: Availability}}
  statements:
    - strength: must
      bound: provider
      trigger: request
      zh: "{minutes} 分钟内响应，可用性 {availability}%"
      en: "Answers within {minutes} minutes; availability {availability} %."
  entries:
    5.1.2-a: {minutes: 15, availability: "99.90"}
    5.3.2-a: {minutes: 15, availability: "99.9"}
    6.1.2-a: {minutes: 10, availability: "99.99"}
- topic: cooling
  name: {zh: 空调, en: Cooling}
  statements:
    - {strength: must, bound: provider, trigger: null, zh: 空调冗余, en: Cooling is redundant.}
  entries:
    6.1.1-c: {}
- topic: facilities-of-the-lease
  name: {zh: 租用设施, en: Facilities of the lease}
  refers: facilities
  entries:
    5.3.1: {to: ["5.1.1", "5.2.1"]}
    5.4.1: {to: ["5.3.1"]}
- topic: operation-of-the-lease
  name: {zh: 租用运维, en: Operation of the lease}
  refers: operation
  entries:
    5.4.2-a: {to: ["5.3.2"]}
"""


def written(folder: Path, head: str = HEAD, topics: str = TOPICS) -> Path:
    """The standard as a folder."""
    (folder / "topics").mkdir(parents=True, exist_ok=True)
    (folder / "standard.yaml").write_text(head, "utf-8")
    (folder / "topics" / "all.yaml").write_text(topics, "utf-8")
    return folder
