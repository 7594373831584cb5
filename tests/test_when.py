"""Dates in questions: which are periods, which days they mean, and what `ask` does with them."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
from rag.engine import _without
from rag.when import Period, period
from tests.command import Wenbao

TODAY = date(2022, 10, 12)  # a Wednesday

# question with its [period] | first day | last day; "-" is an open side
PERIODS = """
[2022年9月14日]龙岗发生了什么？ | 2022-09-14 | 2022-09-15
[2022年9月]发生了什么 | 2022-09-01 | 2022-10-01
[二〇二二年九月]龙岗开过哪些会？ | 2022-09-01 | 2022-10-01
[二零二一年三月五日]谁来调研？ | 2021-03-05 | 2021-03-06
[2022 年 9 月 14 日]的会议是谁主持的？ | 2022-09-14 | 2022-09-15
[22年9月]福田有什么新闻 | 2022-09-01 | 2022-10-01
[２０２２年９月]的座谈会谁参加了？ | 2022-09-01 | 2022-10-01
[2022年9月初]有哪些路段封闭？ | 2022-09-01 | 2022-09-11
[今年八月下旬]台风造成了什么影响？ | 2022-08-21 | 2022-09-01
[2022年初]龙岗区召开了什么会？ | 2022-01-01 | 2022-03-31
[2021年底]发生了哪些事故？ | 2021-10-01 | 2021-12-31
[去年年底]谁被任命为区长？ | 2021-10-01 | 2021-12-31
[2022年上半年]有哪些学校开工？ | 2022-01-01 | 2022-06-30
[去年下半年]坪山出了什么新政策？ | 2021-07-01 | 2021-12-31
[2022年第一季度]举行了哪些展览？ | 2022-01-01 | 2022-03-31
[今年三季度]有什么大新闻？ | 2022-07-01 | 2022-09-30
[2022年春天]哪里发生了洪水？ | 2022-03-01 | 2022-05-31
[2021年]发生了什么大事？ | 2021-01-01 | 2021-12-31
[2021年]关于碳达峰的报道有哪些？ | 2021-01-01 | 2021-12-31
龙岗在[2021年]召开了几次人代会，都讲了什么？ | 2021-01-01 | 2021-12-31
[9月14日]张礼卫去了哪里？ | 2022-09-14 | 2022-09-15
[12月3日]发生了什么？ | 2021-12-03 | 2021-12-04
[2月7日]下午，哪个区先请老板们来座谈？ | 2022-02-07 | 2022-02-08
[九月二十三号]那天谁讲话了？ | 2022-09-23 | 2022-09-24
[9月份]有哪些公交线路调整了？ | 2022-09-01 | 2022-10-01
[11月]深圳开了什么会？ | 2021-11-01 | 2021-12-01
[去年9月]那场会议谁主持？ | 2021-09-01 | 2021-10-01
[去年的9月14日]发生过什么？ | 2021-09-14 | 2021-09-15
[2022年3月到5月]龙岗有哪些新闻？ | 2022-03-01 | 2022-06-01
[2021年11月至2022年2月]疫情怎么样？ | 2021-11-01 | 2022-03-01
[9月1日至5日]有什么活动？ | 2022-09-01 | 2022-09-06
[2021年以来]龙岗召开了哪些双碳会议？ | 2021-01-01 | 2022-10-12
[今年以来]有哪些新学校开学？ | 2022-01-01 | 2022-10-12
[2022年6月之后]谁当了区委书记？ | 2022-06-01 | 2022-10-12
[2022年6月之前]有过类似的演练吗？ | - | 2022-06-01
[今天]有什么新闻？ | 2022-10-12 | 2022-10-13
[今天]的报纸上说了什么？ | 2022-10-12 | 2022-10-13
[昨天]区委开了什么会？ | 2022-10-11 | 2022-10-12
[昨日]的会议决定了什么？ | 2022-10-11 | 2022-10-12
[前天]那场大火是怎么烧起来的？ | 2022-10-10 | 2022-10-11
[本周]有什么重要会议？ | 2022-10-10 | 2022-10-17
[这周]市里有什么消息 | 2022-10-10 | 2022-10-17
[上周]龙岗发生了什么？ | 2022-10-03 | 2022-10-10
[上週]區裡開了什麼會？ | 2022-10-03 | 2022-10-10
[上个星期]谁来调研了 | 2022-10-03 | 2022-10-10
[上周五]的演练有多少人参加？ | 2022-10-07 | 2022-10-08
[本月]有哪些道路施工？ | 2022-10-01 | 2022-11-01
[上个月]图书馆有什么活动？ | 2022-09-01 | 2022-10-01
[上個月]發生了什麼事？ | 2022-09-01 | 2022-10-01
[今年]龙岗开了哪些会？ | 2022-01-01 | 2022-12-31
[去年]有哪些关于碳排放的报道？ | 2021-01-01 | 2021-12-31
[去年]深圳的双碳会议讲了什么？ | 2021-01-01 | 2021-12-31
[前年]那次洪水是谁指挥抢险的？ | 2020-01-01 | 2020-12-31
[最近一周]有什么新闻？ | 2022-10-05 | 2022-10-12
[近三个月]龙岗引进了哪些企业？ | 2022-07-12 | 2022-10-12
[過去兩週]有什麼新聞？ | 2022-09-28 | 2022-10-12
[最近30天]有哪些停水通知？ | 2022-09-12 | 2022-10-12
[过去半年]区里召开了哪些座谈会？ | 2022-04-12 | 2022-10-12
What happened in [September 2022]? | 2022-09-01 | 2022-10-01
What did Longgang decide on [14 September 2022]? | 2022-09-14 | 2022-09-15
Who spoke on [Sept. 14, 2022]? | 2022-09-14 | 2022-09-15
what was reported on [2022-09-14] | 2022-09-14 | 2022-09-15
Which meeting took place on the [14th of September 2022]? | 2022-09-14 | 2022-09-15
What happened in Longgang on [September 14th]? | 2022-09-14 | 2022-09-15
Who visited the music school in [November]? | 2021-11-01 | 2021-12-01
Which schools opened in [May]? | 2022-05-01 | 2022-06-01
What did the district announce in [early 2022]? | 2022-01-01 | 2022-04-30
Which roads were closed in [late 2021]? | 2021-09-01 | 2021-12-31
What was agreed in [late September 2022]? | 2022-09-21 | 2022-10-01
Which companies came in the [first half of 2022]? | 2022-01-01 | 2022-06-30
What meetings were held in [Q3 2022]? | 2022-07-01 | 2022-09-30
Who chaired the meetings in the [second quarter of 2022]? | 2022-04-01 | 2022-06-30
What was built in the [spring of 2022]? | 2022-03-01 | 2022-05-31
What happened in [2021]? | 2021-01-01 | 2021-12-31
Which carbon meetings were held in [2021]? | 2021-01-01 | 2021-12-31
Show me news from [2021] about the music school | 2021-01-01 | 2021-12-31
What happened [between March and May 2022]? | 2022-03-01 | 2022-06-01
What was reported [from March to May 2022] about the flood? | 2022-03-01 | 2022-06-01
Which festivals took place [1-5 September 2022]? | 2022-09-01 | 2022-09-06
Which bus lines have changed [since 2021]? | 2021-01-01 | 2022-10-12
What has the mayor said about flooding [since last year]? | 2021-01-01 | 2022-10-12
Were there drills [before June 2022]? | - | 2022-06-01
Who has led the district [after June 2022]? | 2022-06-01 | 2022-10-12
What happened [today]? | 2022-10-12 | 2022-10-13
What did the council decide [yesterday]? | 2022-10-11 | 2022-10-12
What's in [yesterday]'s paper? | 2022-10-11 | 2022-10-12
Any news [this week] about the port? | 2022-10-10 | 2022-10-17
What did Futian's carbon group do [last week]? | 2022-10-03 | 2022-10-10
What was decided [last month]? | 2022-09-01 | 2022-10-01
Which drills were held [this month]? | 2022-10-01 | 2022-11-01
Which meetings did Zhang Liwei chair [this year]? | 2022-01-01 | 2022-12-31
Why did the library close [last year]? | 2021-01-01 | 2021-12-31
What happened [last September]? | 2022-09-01 | 2022-10-01
Who spoke [last Friday]? | 2022-10-07 | 2022-10-08
What has changed in the [past three months]? | 2022-07-12 | 2022-10-12
What did the papers say about BYD in the [last 7 days]? | 2022-10-05 | 2022-10-12
[昨天]谁被抓了 | 2022-10-11 | 2022-10-12
请问[上周三]的防汛演练几点开始？ | 2022-10-05 | 2022-10-06
[上个礼拜天]公园里办了什么活动 | 2022-10-09 | 2022-10-10
[上周末]哪里堵车了？ | 2022-10-08 | 2022-10-10
[本周二]区长去哪儿调研了？ | 2022-10-11 | 2022-10-12
[2022年9月14日至16日]的博览会有哪些国家参加？ | 2022-09-14 | 2022-09-17
[2022年8月底]的那场暴雨淹了哪些地方？ | 2022-08-21 | 2022-09-01
[九月中旬]有哪些关于地铁的新闻？ | 2022-09-11 | 2022-09-21
[去年冬天]供暖出了什么问题？ | 2021-12-01 | 2022-02-28
[今年夏天]有哪些地方发生山火？ | 2022-06-01 | 2022-08-31
[去年春季]运动会谁拿了第一？ | 2021-03-01 | 2021-05-31
[2020年1月]武汉发生了什么？ | 2020-01-01 | 2020-02-01
[去年10月1日]的升旗仪式谁参加了 | 2021-10-01 | 2021-10-02
[今年三月]两会上代表们谈了什么？ | 2022-03-01 | 2022-04-01
[近一个月]有没有关于学位的消息？ | 2022-09-12 | 2022-10-12
[近两年]龙岗开了哪些双碳会议？ | 2020-10-12 | 2022-10-12
[最近十天]的新闻里提到了谁？ | 2022-10-02 | 2022-10-12
[最近半个月]有什么停电通知 | 2022-09-27 | 2022-10-12
[自2020年以来]发布过哪些碳政策？ | 2020-01-01 | 2022-10-12
[上个月以来]有哪些路封了？ | 2022-09-01 | 2022-10-12
[九月以后]有什么新公交线？ | 2022-09-01 | 2022-10-12
[2021年6月以前]谁是区委书记？ | - | 2021-06-01
[2021年和2022年之间]发生过几次洪水？ | 2021-01-01 | 2022-12-31
[去年11月到今年2月]有哪些会议？ | 2021-11-01 | 2022-03-01
[3月至5月]发生了哪些交通事故？ | 2022-03-01 | 2022-06-01
[11月到1月]有哪些活动 | 2021-11-01 | 2022-02-01
[今日]要聞有哪些？ | 2022-10-12 | 2022-10-13
[昨天]（周二）的常委会定了什么？ | 2022-10-11 | 2022-10-12
[2021年11月]那次全会讲了什么 | 2021-11-01 | 2021-12-01
[大前天]的火灾原因查清了吗？ | 2022-10-09 | 2022-10-10
What's new since Monday or [since 1 October 2022]? | 2022-10-01 | 2022-10-12
who got arrested [yesterday] | 2022-10-11 | 2022-10-12
Who visited the factory [the day before yesterday]? | 2022-10-10 | 2022-10-11
What did Zhang Liwei say in [Aug 2022] about housing? | 2022-08-01 | 2022-09-01
What did they discuss at the [September 2022] meeting? | 2022-09-01 | 2022-10-01
In [March], who took over as party secretary? | 2022-03-01 | 2022-04-01
On [Oct 3], what was announced? | 2022-10-03 | 2022-10-04
Which roads flooded on the [3rd of October]? | 2022-10-03 | 2022-10-04
Did anything happen on 12/05 or [between 1 May 2022 and 5 May 2022]? | 2022-05-01 | 2022-05-06
Give me all stories [from June 1 to June 5, 2022] | 2022-06-01 | 2022-06-06
What was the reaction to the flood in [mid-August]? | 2022-08-11 | 2022-08-21
What happened in [mid 2021]? | 2021-05-01 | 2021-08-31
Which factories closed [late last year]? | 2021-09-01 | 2021-12-31
Who won [last month]'s poetry contest? | 2022-09-01 | 2022-10-01
Who was at [last week]'s symposium? | 2022-10-03 | 2022-10-10
What was [last year]'s carbon meeting about? | 2021-01-01 | 2021-12-31
What is in the news [this month]? | 2022-10-01 | 2022-11-01
Any drills over the [past two weeks]? | 2022-09-28 | 2022-10-12
What have residents complained about over the [past year]? | 2021-10-12 | 2022-10-12
Which parks opened [last weekend]? | 2022-10-08 | 2022-10-10
What did the mayor do [last Tuesday]? | 2022-10-11 | 2022-10-12
What was reported during [2021] on flooding? | 2021-01-01 | 2021-12-31
events of [2020] in Hewan county | 2020-01-01 | 2020-12-31
Which meetings took place in the [fourth quarter of 2021]? | 2021-10-01 | 2021-12-31
What did residents say in [winter 2021]? | 2021-12-01 | 2022-02-28
Were there protests [before last week]? | - | 2022-10-03
Which stations have opened [since May]? | 2022-05-01 | 2022-10-12
[昨晚]的火灾烧了几户？ | 2022-10-11 | 2022-10-12
[今早]哪条路堵车了？ | 2022-10-12 | 2022-10-13
Who was arrested [last night]? | 2022-10-11 | 2022-10-12
What happened [this morning]? | 2022-10-12 | 2022-10-13
Who visited between [1 and 5 September 2022]? | 2022-09-01 | 2022-09-06
[上周四]坪山的招商会来了谁？ | 2022-10-06 | 2022-10-07
[2022年5月到7月]有哪些关于房租的新闻？ | 2022-05-01 | 2022-08-01
Which firms moved in during the [summer of 2021]? | 2021-06-01 | 2021-08-31
"""

NO_PERIODS = """
2月14日出生的人是什么星座？
去年同期是多少？
2020年版菜谱
What should be finished by late 2022?
What is today's exchange rate?
Why is this week called Golden Week?
2022年预算是多少？
2021年的GDP是多少
2021年龙岗GDP增长了多少？
龙岗2021年的生产总值是多少亿元？
2035年要建成什么样的城市？
十四五期间龙岗的目标是什么？
“十四五”末森林覆盖率要达到多少？
到2025年要建多少所学校？
2030年前碳达峰的目标是谁提的？
龙岗给2022年起了个什么名号？
区委给2022年定了个什么“年”？
光明用哪五个词概括2022年的科学城建设？
2022年世界杯冠军是哪支球队？
2022年冬奥会在哪里举行？
2021年龙岗一共筹了多少套公租房之类的住房？
2023年龙岗新开了多少家幼儿园？
罗湖去年引进了几家持牌金融机构？
比亚迪去年卖了多少辆车？
去年的GDP增速是多少？
今年的财政预算有多少？
2022年9月的CPI是多少？
2022年上半年的生产总值是多少？
今年上半年出口额同比增长多少？
比去年多了多少人？
和去年相比，今年的学位有什么变化？
与上个月相比房价涨了吗？
截至2022年6月，龙岗有多少家企业？
到去年年底，完成了几条线？
2022年9月底前要完成哪些工作？
软件园计划2022年9月动工吗？
明年龙岗要做什么？
2024年奥运会什么时候开幕？
2022年12月有什么活动？
每年9月有什么活动？
农历九月初九是什么节日？
3个月能学会吗？
《2022年9月的雨》是谁写的？
《去年今日》讲了什么故事？
“今年的目标”这句话是谁说的？
今天的年轻人为什么不结婚？
如今年轻人喜欢住在哪里？
如今天气为什么越来越热？
三天前天津港发生了什么？
如今日本人口有多少？
前年轻的工程师叫什么？
今日头条的总部在哪里？
这周边有什么公园？
《湾区周刊》采访了谁？
今年是建党多少周年？
福田哪一年碳达峰？
现在龙岗有几条线的地铁可坐？以前呢？
头一年、第二年、第三年分别干什么？
坪山打算几年让城市大变样？
2022年第一批市重大项目有哪些？
2022年版的规划有多少页？
2022届毕业生有多少？
2022年度工作报告是谁做的？
为什么2022年这么难？
2022年9月31日发生了什么？
一月三舟是什么意思？
老店铺每月租金多少？
What was the GDP in 2021?
longgang r&d share of gdp 2021
longgang PCT patent applications 2021
What is the 2030 target?
What must be finished by 2025?
Which line will open by June 2022?
Why was 2022 hard?
How much is Nanshan District's 2023 budget?
What growth target did Luohu set for its economy in 2022?
What was Longgang's total GDP in 2021?
How many people were hurt in the Hewan flood of 2022?
How many tonnes of carbon did Longgang emit last year?
What does the 14th Five-Year Plan say?
What's the theme of the 2022 World Cup?
Who wrote the 1984 novel?
Was revenue in the first half of 2022 higher?
What was inflation in September 2022?
How does this compare with last year?
Did prices rise more than last year?
Which projects are due to open in September 2022?
What was the deadline for June 2022?
Who wrote "Last Week in Longgang"?
Who wrote “In September 2022”?
What is life like for farmers today?
Does the tower still stand today?
May I bring my dog?
When did the march begin?
Who is in charge of the district?
What happens every September?
How many pages does China Today have?
What happens next week?
Which lines open in 2025?
What will happen on 14 December 2022?
What happened on 31 September 2022?
How long is a year on Mars?
How much contiguous industrial land does Longgang want to have ready by next year?
Is 2021 a prime number?
What did the September 11 attacks change?
Where is the office at 2021 Main Street?
And what's the target after three years?
What happened in the last chapter?
2022年的财政预算报告是谁作的？
2022年重点工作有哪些？
2022年十大民生实事是什么？
2022年高考作文题目是什么？
龙岗2022年的GDP目标
2021年末常住人口有多少？
2021年深圳房价涨了吗？
到2022年底要完成几件事？
2022年6月底前哪些小区要通气？
力争2022年9月开工的是哪个项目？
2025年的目标是什么
2060年碳中和怎么实现？
“2022年元旦”是谁写的诗？
2022这个数字有什么含义？
2022年春节期间的游客量同比增长多少？
与去年同期相比涨了吗？
他去年多大？
去年轻人都去哪里了？
今年轻工业怎么样？
今年多大了？
今年的任务目标是什么？
明天会下雨吗？
后天开什么会？
下周谁来调研？
下个月有什么活动？
2023年1月有什么会？
本周刊的主编是谁？
上月球需要几天？
每周三休息吗？
每月15日发工资吗？
将近三个月没有下雨吗？
附近三天内能到吗？
项目用了三个月，为什么？
5月花的花语是什么？
八月十五是什么节？
五一劳动节放几天假？
三月三是什么节日？
七月流火是什么意思？
一季度是哪几个月？
四季度怎么划分？
9号线什么时候开通？
2月29日是闰日吗？
1+8+18是什么？
十二月党人是谁？
今天是星期几？
直到今天，那座桥还在吗？
今天依然有人住在老街吗？
昨日重现是谁唱的？
《昨天、今天和明天》的作者是谁？
前天津市长是谁？
以前年夜饭吃什么？
目前年产量是多少？
一年前年轻的书记去了哪里？
东堤图书馆晚上几点关门？
20年后的深圳什么样？
他2022年毕业于哪所大学？
这条线2021年建成通车，谁设计的？
2019年的PCT国际专利申请有多少件？
2022年被定为什么年？
What share of GDP went to R&D in 2021?
What are the goals for 2025?
Who is the 2022 champion?
What is planned for this year?
How much did the park cost in 2021?
By the end of last year how many lines were done?
Is it true that by September 2022 the park was ready?
Why is 2035 important?
Which policies took effect in 2019?
When in 2023 will the hospital open?
How old is the person born in 1984?
What does "since 2021" mean?
Who wrote 'Nineteen Eighty-Four'?
Which company has 2022 employees?
What is article 2021 about?
What is the budget this year?
What is the target for this year?
Is revenue up from last year?
What did sales do last month?
How does Longgang look today?
Is the street still open today?
Which newspaper is USA Today?
today's youth: what do they want?
Who may attend?
March on Washington: who led it?
In the last week of the war, what happened?
In my last year of school, what should I do?
What will the weather be on Friday?
How many years has the market been open?
What happens three years after opening?
Which bus runs every May?
When is the Mid-Autumn Festival?
What about the 2021-22 season?
Where was the 2020 Olympics held?
How many of the 2021 targets were met?
What do the plans for October 2022 say?
Was it finished by 1 June 2022?
Is the August moon a mooncake?
May Fourth Movement, what was it?
What is August Wilson known for?
Who is April Zhou?
Who founded China Daily?
What is 9/11?
Was last year the warmest ever measured?
今年参加高考的人比上年多了还是少了？
What were conditions like in the 2008 ice disaster?
"""


def read(table: str) -> list[tuple[str, Period]]:
    """The questions of a table of periods, each with what it means."""
    rows = []
    for row in table.strip().splitlines():
        marked, start, end = row.split(" | ")
        before, phrase, after = re.split(r"[\[\]]", marked)
        first = None if start == "-" else date.fromisoformat(start)
        meant = Period(first, date.fromisoformat(end), phrase, len(before))
        rows.append((before + phrase + after, meant))
    return rows


@pytest.mark.parametrize(("question", "meant"), read(PERIODS))
def test_a_period_is_read(question: str, meant: Period) -> None:
    assert period(question, TODAY) == meant
    assert question[meant.at : meant.at + len(meant.phrase)] == meant.phrase


@pytest.mark.parametrize("question", NO_PERIODS.strip().splitlines())
def test_a_date_about_the_matter_is_none(question: str) -> None:
    assert period(question, TODAY) is None


PIECES = "今 昨 前 去 上 本 近 过去 年 月 日 号 周 个 天 半 初 底 春 二 十 〇 两 到 至".split()
PIECES += "以来 之间 之前".split()
PIECES += [" ", "-", "《", "》", "1", "20", "22", "9", "in", "May", "last", "past", "week", "and"]
PIECES += ["2月", "29日", "2024年", "since", "between", "Feb"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_gives_a_period_that_stands_in_it_or_none(text: str) -> None:
    meant = period(text, TODAY)
    if meant is not None:
        assert text[meant.at : meant.at + len(meant.phrase)] == meant.phrase != ""
        assert meant.start is None or meant.start <= meant.end


@pytest.mark.parametrize(
    ("today", "question", "start", "end"),
    [
        (date(2024, 1, 1), "上周发生了什么？", "2023-12-25", "2024-01-01"),  # a Monday
        (date(2024, 1, 1), "昨天发生了什么？", "2023-12-31", "2024-01-01"),
        (date(2024, 1, 15), "What happened last month?", "2023-12-01", "2024-01-01"),
        (date(2024, 3, 31), "近一个月有什么新闻？", "2024-02-29", "2024-03-31"),
        (date(2024, 3, 1), "What happened last Friday?", "2024-02-23", "2024-02-24"),
        (date(2024, 3, 1), "2月29日发生了什么？", "2024-02-29", "2024-03-01"),
        (date(2024, 12, 9), "What happened in December?", "2024-12-01", "2025-01-01"),
        (date(2024, 2, 3), "去年12月到1月有什么新闻？", "2023-12-01", "2024-02-01"),
    ],
)
def test_counting_goes_over_the_ends_of_months_and_years(
    today: date, question: str, start: str, end: str
) -> None:
    meant = period(question, today)
    assert meant is not None
    assert (meant.start, meant.end) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.fixture(scope="module")
def meetings(tmp_path_factory: pytest.TempPathFactory) -> rag.Index:
    """Three meetings on the same matter: in spring, in autumn, and one without a date."""
    folder = tmp_path_factory.mktemp("meetings")
    rows = [
        ("spring", "2022-03-09", "林副区长主持，决定先查清各厂的碳排放"),
        ("autumn", "2022-10-01", "周副区长主持，决定给节能的工厂发补贴"),
        ("undated", None, "吴副区长主持，决定在学校屋顶装光伏板"),
    ]
    lines = [
        json.dumps(
            {
                "_id": id_,
                "title": f"石湾区双碳会议：{told[-8:]}",
                "text": f"石湾区召开双碳会议，{told}。会议由区政府办公室承办，各街道派人参加。",
                **({"date": day} if day else {}),
            },
            ensure_ascii=False,
        )
        for id_, day, told in rows
    ]
    (folder / "meetings.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rag.build_index([folder / "meetings.jsonl"], folder / "index")
    return rag.open_index(folder / "index")


def quoted(answer: rag.Answer) -> set[str]:
    return {citation.article.id for citation in answer.citations}


def test_articles_of_the_period_answer(meetings: rag.Index) -> None:
    answer = meetings.ask("2022年9月石湾区的双碳会议决定了什么？", today=TODAY)
    assert quoted(answer) == {"autumn"}  # printed the day after
    assert {hit.article.id for hit in answer.hits} == {"autumn"}
    assert answer.understood == rag.Understanding(
        phrase="2022年9月", date_from="2022-09-01", date_to="2022-10-01"
    )
    before = meetings.ask("What did Shiwan's carbon meeting decide before June 2022?", today=TODAY)
    assert quoted(before) <= {"spring"}
    assert (before.understood.date_from, before.understood.date_to) == (None, "2022-06-01")


def test_other_articles_answer_where_those_of_the_period_do_not(meetings: rag.Index) -> None:
    question = "上周石湾区的双碳会议决定了什么？"
    answer = meetings.ask(question, today=TODAY)
    assert answer.understood == rag.Understanding(
        phrase="上周", date_from="2022-10-03", date_to="2022-10-10", widened=True
    )
    unread = meetings.ask(question, today=TODAY, read_dates=False)
    assert unread.understood == rag.Understanding()
    assert answer.citations == unread.citations != ()


def test_an_answer_that_abstains_everywhere_is_the_widened_one(meetings: rag.Index) -> None:
    answer = meetings.ask("2022年9月谁赢了足球世界杯决赛？", today=TODAY)
    assert answer.abstained
    assert answer.understood.widened
    assert {hit.article.id for hit in answer.hits} == {"spring", "autumn", "undated"}


@pytest.mark.parametrize("filters", [{"date_from": "2022-01-01"}, {"date_to": "2022-06-30"}])
def test_a_given_date_goes_before_one_in_the_question(
    meetings: rag.Index, filters: dict[str, Any]
) -> None:
    answer = meetings.ask("2022年9月石湾区的双碳会议决定了什么？", today=TODAY, **filters)
    assert answer.understood.phrase == ""
    assert "spring" in quoted(answer) | {hit.article.id for hit in answer.hits}


def test_without_a_day_the_clock_is_read(meetings: rag.Index) -> None:
    answer = meetings.ask("昨天石湾区的双碳会议决定了什么？")
    day = date.fromisoformat(answer.understood.date_from or "")
    assert 0 <= (date.today() - day).days <= 2
    assert answer.understood.widened


def test_a_follow_up_names_the_words_it_takes_over(meetings: rag.Index) -> None:
    history = ("石湾区的双碳会议，石湾区谁主持？",)
    carried = meetings.ask("那补贴给谁？", history, today=TODAY).understood.carried
    assert carried.count("石湾") == 1 or "石" in carried
    assert "双碳" in carried
    assert "的" not in carried
    assert "补贴" not in carried
    alone = meetings.ask("石湾区给节能工厂发多少补贴？", history, today=TODAY)
    assert alone.understood.carried == ()


def test_a_follow_up_keeps_the_period(meetings: rag.Index) -> None:
    first = "2022年9月石湾区的双碳会议决定了什么？"
    for history in ((first,), (first, "那补贴给谁？")):
        answer = meetings.ask("那谁主持的？", history, today=TODAY)
        assert quoted(answer) == {"autumn"}
        assert (answer.understood.phrase, answer.understood.date_from) == (
            "2022年9月",
            "2022-09-01",
        )
    spring = meetings.ask("那2022年3月谁主持的？", (first,), today=TODAY)
    assert (quoted(spring), spring.understood.phrase) == ({"spring"}, "2022年3月")
    unread = meetings.ask("那谁主持的？", (first,), today=TODAY, read_dates=False)
    assert unread.understood.phrase == ""


def test_the_words_of_the_period_go_and_none_that_read_like_them() -> None:
    question = "《9月》这本杂志9月发生了什么？"
    meant = period(question, TODAY)
    assert meant is not None
    assert meant.phrase == "9月"
    assert _without(question, meant) == "《9月》这本杂志 发生了什么？"
    assert _without(question, None) == question


def test_a_new_matter_ends_the_period(meetings: rag.Index) -> None:
    history = ("2022年9月石湾区的双碳会议决定了什么？", "石湾区学校屋顶装的光伏板由谁出钱？")
    assert meetings.ask("那谁主持的？", history, today=TODAY).understood.phrase == ""
    alone = meetings.ask("石湾区给节能工厂发多少补贴？", history[:1], today=TODAY)
    assert alone.understood == rag.Understanding()


def test_the_command_says_what_period_it_read(sample_index_dir: Path, wenbao: Wenbao) -> None:
    question = "2022年2月福田区的双碳会议定了什么？"
    said = wenbao("ask", question, "--index", sample_index_dir).out
    assert "“2022年2月”: articles from 2022-02-01 to 2022-03-01\n" in said
    said = wenbao("ask", question.replace("2022", "2020"), "--index", sample_index_dir).out
    assert "to 2020-03-01; none of them answered, so all were asked\n" in said
    said = wenbao("ask", question, "--no-dates", "--index", sample_index_dir).out
    assert "“2022年2月”" not in said
