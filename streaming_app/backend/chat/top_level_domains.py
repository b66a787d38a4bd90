"""Top-level domains that make a host name without a scheme a link: all country codes and the common others."""

_COUNTRIES = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc
    cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga
    gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp
    ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms
    mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro
    rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt
    tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_COMMON = """
    academy adult africa agency app art asia band bank bar beauty berlin best bet biz black blog blue bond buzz cafe
    cam capital care cash casino cat center cfd chat city click cloud club coffee com company cool credit crypto
    cyou date dating design dev digital download edu email exchange expert fashion film finance fit fm foundation
    fun fund gallery game games gold google gov group guru health help homes host hosting house how icu inc info ink
    int jobs kim kitchen land life link live llc loan loans lol london ltd market markets media men mil mobi money
    monster moscow mov movie music name net network new news ninja nyc one onion online org page paris party photo
    photos pics pink pizza plus poker porn pro pub quest radio red rest restaurant review reviews rocks sbs school
    science sex sexy shop shopping site social software solutions space store stream studio style support systems
    team tech technology tel tips today tokyo tools top town trade trading travel tv video vip web webcam website
    wiki win work works world wtf xxx xyz yoga zip zone
"""

TOP_LEVEL_DOMAINS = frozenset((_COUNTRIES + _COMMON).split())
"""A name with another ending is only a link if it has a scheme or a path."""
