"""Paragraphs of three invented stories of one town, two of them in both languages.

What tests of pages are made of: every paragraph is long enough to say what it is about, and no
two stories share their words.
"""

from __future__ import annotations

LIBRARY = (
    "区图书馆从十月起每周五开放到晚上十一点，读者可以在阅览室借书自习，座位要先预约，预约当天有效。",
    "馆长纪棠说，夜间开放是读者提出来的，阅览室有二百四十个座位，图书馆还将添置台灯和书架，供读者使用。",
    "为了夜间开放，图书馆增派了六名管理员，借书和还书都在一楼办理，读者凭借书证入馆，不用排队，也不收费。",
)
BRIDGE = (
    "跨江大桥昨日合龙，施工单位用了三年时间，大桥长两千米，工程师正在检查钢索和桥面，明年春天可以通车。",
    "总工程师常青说，大桥的钢索都是新换的，桥面铺了两层沥青，施工期间江面没有停航，通车以后不收过桥费。",
)
MARKET = (
    "柳塘区的夜市昨晚搬进停用六年的旧车站，首晚来了八千人，摊主说租金每月六百元，水电另计。",
    "摊位一共一百二十个，卖的多是小吃，夜市的摊主下周再商定收摊的时间，车站外面可以停车。",
)
LIBRARY_EN = (
    "The district library will stay open until eleven at night on Fridays, and readers may borrow "
    "books from the reading room until closing.",
    "Its director said readers had asked for the library to open late, and that the reading room "
    "would get new lamps and new shelves for books.",
)
BRIDGE_EN = (
    "The new bridge across the river was closed on Monday after engineers found cracks in two of "
    "its cables, the bridge authority said.",
    "Engineers said the bridge would stay closed until the cracked cables are replaced, and that "
    "traffic would cross the river by ferry.",
)
LIBRARY_HEAD, BRIDGE_HEAD, MARKET_HEAD = (
    "图书馆周五开放到深夜",
    "跨江大桥昨日合龙",
    "夜市搬进旧车站",
)
SLOGANS = ("携手同心共创美好未来", "书写时代新篇章")
