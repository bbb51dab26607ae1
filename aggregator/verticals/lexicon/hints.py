"""Words that tell of a desk less: its turns of phrase, companies, clubs and first names."""

from __future__ import annotations

from collections.abc import Mapping

HINTS: Mapping[str, str] = {
    "business": """
        abn accenture adidas ahead airbus alibaba allianz asda aviva axa barclays basf bayer beat
        beats berkshire billion bln bn boeing bp burger buy cents chevron citi citigroup climb
        climbs close closing costco decline declines deutsche dip drop drops ease edge employs
        estimate estimates exceeds expand expands expansion expectation expectations exxon fall
        falls fedex filing flat gain gains general glencore goldman greenback grew guidance halve
        higher hsbc ikea jp jpmorgan kfc lloyds lower lows lufthansa mcdonald merrill million miss
        mln morgan nestle nomura outlook outperform pare pct pepsi percent pfizer plant plunge point
        points posts probe profits q1 q2 q3 q4 raise raises rebound record renault rise rises risk
        rival santander schedule seek seeks seen sees sells shell siemens sink sinks slash slide
        slides slip slips slow slowdown slows snap soar soars spike stabilise standard starbucks
        steady steel strong stronger surge surges talks target tender tightening tops total toyota
        trim tumble tumbles ubs unilever unit volatile volatility volkswagen vow walmart weak weaken
        weaker weigh weighs wells worst worth
    """,
    "technology": """
        acer adobe aims alert alibaba apps arm asus available bitcoin blackberry blocks bug buttons
        cheap cisco colour coming compare comparison compatible competitor connected consumer crack
        crash debut dell designed downloads dropbox dual ebay edition engine ericsson error expected
        fix flagship flaw flickr foxconn free gb generation gmail googles handset hp htc huawei ibm
        inch infrared invention inventor junk kindle latest launches lenovo lets lg line linkedin
        list lite logo map maps migrate mini mode motorola mp multitasking net neutrality
        notification offline os paypal pinterest play plus preorder preview pricing pro products
        qualcomm reader reddit release released releases rollout rolls rumor rumors rumour rumours
        safari scam security series service settings shipping shortcut siri skype slim snap snapchat
        specifications specs spotted store support surface switch tap tegra theme thin tiktok tip
        tips toshiba tracker trick uber ui ultra unveils users valley version viral wear whatsapp
        widget wikipedia wireless xiaomi youtubes
    """,
    "science": """
        abnormal age animal ants ape atlantic body breakthrough cave century chimp climate coldest
        cosmic depth discovered distant earths explain exploration explorer extraterrestrial
        findings finds footage forensic formed found frog giant greenhouse hidden human humans hunt
        identify journal largest life lunar magnetic map measure migration monkey mouse mysterious
        mystery nasa natural nature northern observe observed ocean origin pacific predator probe
        professor puzzle rare remains rock satellite sea shark shed signal sky snake solve spider
        spot squid surface team tiny tree understand underwater unknown unlock visible wave whale
        wing worm
    """,
    "health": """
        abuse adult adults ageing aging alcohol alternative approve awareness babies baby beverage
        blame boost bug burden carcinogen cases caution cells children clinicaltrial coffee combat
        confirmed consume consumption cut dangerous deadliest deaths detect develop device die died
        dies diseases doctors drinking drugs eat eating effective effects elderly exposed exposure
        fast fight food funding genetic guideline guidelines harm harmful help helps heroin higher
        hospitals household illness increased kids lead levels lifestyle likely link linked live
        living lower medics men mers mom moms mother mothers newborn older pancreatic parents
        patients people percent pills poisoning prevent preventable preventing prevents problem
        recommend recommended reduce reduces report researchers resistant risk risks rural safe
        safety salt sars scan seniors sex sexually shot shots smoke spread spreading stress studies
        study suffer survival survive survivor survivors teens test tested testing tests toddler
        toxic treat treated treating trials vaccines virus waist warn warning warns water women
        workout young younger youths
    """,
    "entertainment": """
        adam alec alice amanda amy andrew angela anna anne anthony ashley babe backlash beach ben
        beth bill bob boyfriend brad brian brooke brother brothers bruce bryan buzz cameron carrie
        catherine charlie chloe chris christian christina christopher cindy claire colin confirms
        courtney cry daniel danny daughter dave david diana diane dies don drew ed eddie ellen ellie
        emily emma eric ethan eva evan exes fallon father fight flaunt flaunts fox frank fun funny
        gay george girl girls grace guy hair harrison harry heather helen henry holly hugh hugs ian
        insider jack jacob jake jamie jane jared jason jay jeff jen jenna jennifer jenny jeremy jess
        jesse jessica jessie jim jimmy joan joe joel joey johnny jon jonathan jordan joseph josh joy
        judy julia julie justin kate katherine kathy katie katy keith kelly ken kevin kid kids kill
        kim kristen kurt lady larry laura lauren lea lena leo leslie lily linda lindsay lisa little
        liv liz louis love lover lucy luke mariah marie mark matt matthew megan melanie melissa
        michelle mick mike mom monica mother naomi natalie neil nick nicki nicole night nikki owen
        pam pamela parents paul penelope pete peter phil photo photos photoshoot pics pregnant
        premieres preview prince princess queen quit rachel rebecca recap relationship renee
        revealed reveals robin ron rosie russell ryan sam samantha samuel sara sarah scott sean seth
        shares sharon sister slams son split splits stars stephen steve steven stewart stuns style
        surprise susan taylor teaser tim tina titles together tom tony tracy tribute tyler valentine
        vanessa victoria video vince wears wed weds will woody wow wrap zoe
    """,
    "sports": """
        arsenal away barcelona bayern beat beats best captain celtics chelsea clash coaches comeback
        cowboys crown dodgers edge fans fitness giants grand grizzlies group hit home hosts injured
        injury inter jersey juventus knicks lakers lead leads liverpool loss losses madrid
        manchester milan opponent pacers patriots player players points prospect rangers ranking
        rankings real record red return round rout season seasons series sign signing signs spurs
        star start starting starts steelers streak suspended suspension tie top trade transfer
        united visit vs wins yankees
    """,
    "world": """
        aid arms army attack attacks ban battle blast bomb bombs capital china claims clash clashes
        crash crisis dead death demand flee forces foreigners iran kill killed kills leader leaders
        minister nation nations north officials plane president protests rescue security south state
        talks threat threatens toll town troops un urges victims village visit vows west western
    """,
    "politics": """
        accuses backs ban bill chief congress contender critic critics deal dems house immigration
        leader leaders nation office pledge pm presidents proposal reformer reforms rival rules
        scandal seat speech state states support tax tories tory vow white
    """,
    "environment": """
        air climate coast degrees disaster fire heat lake land level lights mountain planet power
        protect rain sea species summer threat threatened trees winter
    """,
    "crime": """
        accident attack body caught child claims dead death die dies driver family fatal fire found
        home injured man men missing mother names neighbor neighbour search security student teen
        terror truck woman
    """,
}
"""The words by the name of the well-known shelf."""
