"""The telling words of the desks that every news room has."""

from __future__ import annotations

from collections.abc import Mapping

NEWS: Mapping[str, str] = {
    "world": """
        abroad afghanistan africa african airstrike ally ambassador annexation arab armistice army
        artillery asia asian asylum beijing bilateral bloc bombing border brazil brigade britain
        brussels cairo ceasefire china chinese civilian coalition colonel colony commander conflict
        consulate convoy coup delhi deploy deployment dictator diplomacy diplomat diplomatic
        displaced egypt embargo embassy envoy europe european evacuation exile extradition famine
        foreign france frontier gaza general genocide geopolitical german germany guerrilla hague
        hostage humanitarian india indian insurgency insurgent international invade invasion iran
        iranian iraq iraqi islamist israel israeli japan japanese jerusalem junta kabul kashmir
        kenya kingdom korea korean kremlin lebanon libya martial massacre mediator mexico migrant
        migration militant military militia missile mortar moscow multinational myanmar nato navy
        negotiator neutral nigeria nuclear occupation offensive overseas pact pakistan palestinian
        peace peacekeeper pentagon philippines protest protester pyongyang rebel rebellion refugee
        regime region republic resolution revolution russia russian sanction saudi seoul separatist
        shelling siege soldier somalia sovereignty strait strike sudan summit syria syrian taiwan
        taliban tank tehran territory terror terrorism terrorist tokyo treaty troop truce tsunami
        turkey turkish ukraine ukrainian un unrest uprising venezuela vietnam war warfare warlord
        warship world yemen
    """,
    "politics": """
        abstain administration aide allegiance ambassador amendment austerity backbench ballot
        bipartisan bureaucracy cabinet campaign campaigner candidate caucus chancellor civic
        coalition commons communist confederation congress congressional congressman conservative
        constituency constituent constitution constitutional council councillor debate deficit
        delegate democracy democrat democratic devolution elected election elector electoral
        electorate envoy executive faction federal filibuster government governor impeachment
        inaugural inauguration incumbent independence labour lawmaker leadership legislation
        legislative legislator legislature liberal lobby lobbyist lords majority manifesto mayor
        midterm minister ministerial ministry minority monarchy municipal nationalist nomination
        nominee opposition parliament parliamentarian parliamentary partisan party petition policy
        political politician politics poll polling populist premier presidency president
        presidential primaries prime progressive pundit ratify reelection referendum reform
        regulation republican reshuffle resign resignation rhetoric rights secretary senate senator
        separatist shutdown socialist speaker speech statehood statesman suffrage taxpayer term
        turnout veto vote voter whip whitehall
    """,
    "business": """
        accountant accounting acquire acquisition advertiser airline analyst antitrust asset auction
        auditor austerity automaker bailout bank banker banking bankrupt bankruptcy barrel bearish
        bid billionaire board bond bondholder bonus boom borrower borrowing broker brokerage budget
        bull bullish buyback buyer buyout capital cash ceo cfo chain chairman commerce commercial
        commodity company conglomerate consumer corporate corporation cost credit creditor crude
        currency customer deal dealer debt default deficit deflation deposit depreciation dividend
        dollar dow downgrade downturn earnings ebitda ecb economic economist economy employee
        employer employment entrepreneur equity euro eurozone exchange executive export exporter
        factory fed fee finance financial financier firm fiscal forecast foreclosure forex franc
        franchise freight ftse fund funding futures gdp gold growth hedge hike hire hiring imf
        import importer income index industrial industry inflation insider insurance insurer
        interest inventory invest investment investor invoice ipo job jobless labor layoff lender
        lending liquidity loan logistics loss manufacturer manufacturing margin market merchant
        merger monetary monopoly mortgage nasdaq nikkei offering oil opec ounce outlook output
        payment payroll pension pound premium price pricing procurement production productivity
        profit profitable purchase quarter quarterly rally rate rating recession recovery refinance
        regulator rent retail retailer retailing revenue salary sale saving sector securities sell
        share shareholder shipment shopper slump spending stake stimulus stock strategist subsidy
        supplier supply surplus takeover tariff tax tender trade trader trading treasury turnover
        unemployment union upgrade utility valuation venture wage wall warehouse wealth wholesale
        workforce yen yield yuan
    """,
    "technology": """
        3d 3g 4g 5g adapter algorithm amazon analytics android antenna api app apple application
        arcade automation autonomous bandwidth battery beta biometric bit blog blogger bluetooth bot
        broadband browser bug byte cable camera carrier chip chipmaker chipset chrome click cloud
        code coder coding compiler component compute computer computing connectivity console cookie
        copyright cpu crypto cyber data database datacenter desktop developer device digital display
        domain download drone ebook electronics email emoji encryption engineer ethernet facebook
        feature fiber firefox firmware gadget gigabit google gps gpu hack hacker hardware hashtag hd
        headset html icon imaging inbox innovation instagram intel interface internet ios iot ipad
        iphone java javascript keyboard laptop laser launch lcd lens linux lithium login mac macbook
        malware megapixel memory messaging microchip microsoft mobile modem monitor mouse multimedia
        nanotechnology netbook netflix network nokia notebook offline oled online operating optical
        oracle password patch patent pc phone photo pixel platform plugin podcast processor
        programmer programming prototype python quantum ram roaming robot robotic robotics router
        samsung scanner screen search selfie semiconductor sensor server silicon sim sleek smart
        smartphone smartwatch software sony spam speaker specs spectrum startup storage stream
        streaming subscriber supercomputer tablet tech technology telecom telecommunications
        teleconference touchscreen transistor troll tv tweet twitter unveil update upgrade usb user
        verizon version video virtual voip vr wearable web webcam webpage website wifi wiki windows
        wireless worm xbox yahoo youtube zoom
    """,
    "science": """
        amino anatomy ancestor ancient anthropologist anthropology antimatter archaeological
        archaeologist archaeology asteroid astronomer astronomy astrophysicist astrophysics atom
        atomic bacteria biochemistry biodiversity biologist biology bone boson botanist brain cell
        cern chemical chemist chemistry chromosome clone cloning cosmic cosmologist cosmology
        creature crystal darwin dinosaur discover discovery dna earth earthquake ecologist ecology
        ecosystem electron element embryo enzyme equation evolution evolutionary evolve excavation
        experiment experimental extinct extinction fermentation fossil fungus galaxy gene genetic
        geneticist genetics genome geologist geology geophysics glacier gravitational gravity hadron
        hominid hypothesis insect invertebrate isotope lab laboratory laser mammal mammoth marine
        mathematician mathematics matter microbe microbiologist microbiology microscope mineral
        molecular molecule moon mutation nanoparticle neanderthal neuron neuroscience neuroscientist
        neutrino neutron nobel nucleus observatory oceanographer organism oxygen palaeontologist
        paleontologist particle photon photosynthesis physicist physics planet plasma polymer
        prehistoric primate protein proton psychologist quantum quark radiation reptile research
        researcher rna science scientific scientist seismic seismologist skeleton solar specie
        species specimen sperm star stellar stem study supernova synthetic telescope theory
        thermodynamics tissue universe vertebrate virus volcanic volcano zoologist zoology
    """,
    "health": """
        abortion addict addiction allergic allergy alzheimer ambulance anaesthetic anemia antibiotic
        antibody antidepressant anxiety arthritis asthma autism autopsy bacteria birth bladder blood
        bmi brain breast breastfeeding calorie cancer cardiac cardiologist cardiovascular care cdc
        chemotherapy childbirth cholesterol chronic cigarette clinic clinical clinician cognitive
        concussion contagious contraception contraceptive coronavirus cough cure deadly death
        dementia dental dentist depression dermatologist diabetes diabetic diagnose diagnosis
        diarrhea diet dietary disability disease disorder doctor dose drug ebola eczema embryo
        epidemic epidemiologist epilepsy exercise fat fatal fda fertility fever fitness flu gluten
        gp gut gynecologist health healthcare healthy heart hepatitis herpes hiv hormone hospital
        hospitalized hygiene immune immunity immunization infant infect infected infection
        infectious influenza injection insomnia insulin intensive ivf kidney leukemia lung lupus
        lymphoma malaria malnutrition mammogram marijuana maternal measles medicaid medical medicare
        medication medicine melanoma meningitis menopause mental metabolism midwife migraine
        miscarriage mortality mosquito nausea nhs nurse nursing nutrient nutrition nutritionist
        obese obesity oncologist oncology opioid organ outbreak ovarian overdose pain painkiller
        pandemic paralysis paramedic parkinson pathogen patient pediatric pediatrician
        pharmaceutical pharmacist pharmacy physician pill placebo pneumonia polio pregnancy pregnant
        premature prescription prevention prognosis prostate protein psychiatric psychiatrist
        psychological psychologist quarantine rabies radiotherapy rash rehab relapse respiratory
        salmonella schizophrenia sclerosis screening seizure sick skin sleep smoker smoking sperm
        stroke sugar suicide surgeon surgery surgical symptom syndrome syphilis therapeutic
        therapist therapy tobacco transplant treatment trial tuberculosis tumor tumour ulcer
        vaccinate vaccination vaccine vegetable virus vitamin vomiting weight wellbeing wellness
        yoga zika
    """,
    "sports": """
        afc arena athlete athletic athletics backhand badminton ball ballpark baseball basketball
        batsman batter batting bowler bowling boxer boxing bronze captain champion championship
        cheerleader clinch club coach cricket cricketer cup cycling cyclist defeat defender derby
        division doping draft draw dribble equaliser espn faceoff fifa final finalist fixture
        football footballer forehand formula forward freestyle fullback game goal goalie goalkeeper
        goalless golf golfer grandprix gymnast gymnastics halftime hamstring handball hockey homer
        hurdle infield inning innings ioc jockey judo karate kickoff knockout league linebacker
        lineup lose lost manager marathon match matchup medal medalist midfielder mlb motogp mvp
        nascar nba ncaa nfl nhl offside olympic olympics opener outfielder overtime paralympic
        penalty pennant pitch pitcher player playoff podium premier puck qualifier quarterback
        quarterfinal racing racket rebound referee relay relegation rival rookie roster rower rowing
        rugby runner running score scored scoreless scorer season seed semifinal shootout shortstop
        shutout skater skating ski skier skiing slam sled snowboard soccer softball spectator sport
        sports sprint sprinter squad stadium standings striker sumo surfer swimmer swimming tackle
        team teammate tennis title touchdown tournament trainer triathlon triumph trophy uefa ufc
        umpire unbeaten undefeated victory volleyball wba wbc weightlifting wicket wimbledon win
        winger winless winner winning wrestler wrestling yacht
    """,
    "entertainment": """
        actor actress album animation anime artist audience audition award backstage ballad band bbc
        biopic blockbuster bollywood boxoffice boyband boyfriend breakup broadway cameo cannes
        cartoon cast casting celeb celebrity cgi chart cinema cinematic comedian comedy comic
        concert contestant costar costume couple cult dance dancer dating debut director disney
        divorce dj documentary drama duet emmy engaged engagement ensemble entertainer entertainment
        episode fame fan fashion feature festival film filming filmmaker filmmaking finale folk
        franchise gig girlfriend glamour globe gossip gown grammy grammys guest guitar guitarist hbo
        heartthrob heiress hiphop hit hollywood honeymoon horror host idol imdb indie instagram
        interview jazz joke judge juror kiss legend lyric lyrics makeup marriage married marvel
        melody metal miniseries model mogul movie mtv music musical musician nbc netflix nightclub
        nominated orchestra oscar outfit paparazzi party perform performance performer pixar
        playlist pop popstar premiere prequel presenter producer punk rap rapper reality reboot
        record recording rehearsal remake reunion reunite reveal rock rocker role romance romantic
        rumor rumour saga satire scene scifi screenplay screenwriter season sequel series show
        showbiz showrunner sing singer singing single singles sitcom soap song songwriter soul
        soundtrack spinoff spoiler spoof stage star starlet starring stunning stunt superhero
        supermodel superstar talent television theatrical thriller tour trailer trilogy tv vampire
        video viewer villain vinyl vocal vocalist wardrobe wedding wife zombie
    """,
    "culture": """
        abstract acoustic aesthetic anthology antique antiques architect architecture archive art
        artefact artist artistic artwork author ballet baroque biennale biographer biography book
        booker bookshop bookstore canvas cathedral ceramics choir choral choreographer choreography
        cinema classical collage collector comics composer composition concerto conductor
        contemporary craft cultural culture curate curator dance dancer dramatist drawing easel
        editor engraving essay essayist exhibit exhibition fiction folklore fresco gallery graffiti
        heritage heroine illustration illustrator impressionist installation jazz landscape
        librarian library libretto literary literature manuscript masterpiece memoir modernist
        monologue mosaic mural museum myth mythology narrative narrator novel novelist novella opera
        orchestra orchestral overture paint painter painting pavilion philharmonic philosopher
        philosophy photographer photography pianist piano playwright poem poet poetic poetry
        portrait portraiture pottery prose publisher pulitzer quartet reader recital renaissance
        restoration retrospective review rhyme sculptor sculpture shakespeare shortlist sketch
        sonata sonnet soprano stage storyteller storytelling string surrealist symphony tapestry
        tate tenor theater theatre theatrical tragedy translation translator typography unesco
        vernissage verse viola violin violinist watercolour writer writing
    """,
}
"""The words by the name of the well-known shelf."""
