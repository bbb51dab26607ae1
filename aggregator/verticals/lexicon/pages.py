"""The telling words of the pages that some news rooms have."""

from __future__ import annotations

from collections.abc import Mapping

PAGES: Mapping[str, str] = {
    "environment": """
        acid algae amazon amphibian antarctic aquifer arctic atmosphere atmospheric bees
        biodiversity biofuel biomass bird bleaching butterfly carbon clean cleanup climate coal
        coast coastal compost conservation conservationist contamination coral cyclone dam
        deforestation degradation desert diesel dioxide drought earth eco ecological ecologist
        ecology ecosystem elephant emission emissions endangered energy environment environmental
        environmentalist erosion ethanol extinction fauna fish fishery fishing flood flooding flora
        forest forestry fossil fracking fuel gas geothermal glacier global green greener greenhouse
        greenpeace habitat heatwave hurricane hydropower ice iceberg invasive ivory kyoto landfill
        litter logging mangrove marine methane mining monsoon nature nuclear ocean oil organic ozone
        park permafrost pesticide pipeline plant plastic poacher poaching polar pollinator pollutant
        polluted polluter polluting pollution rainforest recycle recycled recycling reef renewable
        renewables reserve reservoir rewilding rhino river runoff salmon sanctuary sea seabed shale
        shark smog soil solar species spill sustainability sustainable temperature tiger timber
        toxic tree tundra turbine turtle warming waste water watershed wetland whale whaling
        wilderness wildfire wildlife wind wolf woodland
    """,
    "education": """
        academia academic academy admission alumni apprentice apprenticeship bachelor campus
        childcare class classmate classroom college coursework curriculum dean degree diploma
        dissertation doctorate dropout edtech educate education educational educator elementary
        enrol enroll enrollment essay exam examination faculty fraternity freshman gcse grade
        graduate graduation grammar headmaster headteacher homeschool homework humanities internship
        kindergarten learner learning lecture lecturer lesson literacy math numeracy nursery ofsted
        parent pedagogy phd playground postgraduate preschool primary principal professor pupil sat
        scholar scholarship school schoolchildren schooling schoolteacher semester seminar seminary
        sorority stem student superintendent syllabus taught teach teacher teaching teenager
        textbook thesis truancy tuition tutor tutoring undergraduate university vocational youth
    """,
    "crime": """
        abduct abduction abuse accomplice accuse accused acquit acquittal affidavit allegation
        allege alleged allegedly appeal arraigned arraignment arrest arrested arson arsonist
        assassin assassination assault attorney autopsy bail barrister bludgeon brawl bribe bribery
        burglar burglary cartel case cell charge charged civil claimant cocaine compensation confess
        confession conspiracy convict convicted conviction cop coroner corruption counterfeit court
        courtroom crime criminal culprit custody damages deceased defamation defendant detain
        detained detainee detective detention disappearance discrimination drug embezzlement evict
        evidence execution extortion felony fine firearm forensic forgery fraud fraudster fugitive
        gang gangster guilty gun gunfire gunman gunshot handcuff harassment heist heroin homicide
        hostage illegal imprisoned imprisonment indict indicted indictment inmate innocent inquest
        investigate investigation investigator jail jailed judge judgment judicial judiciary juror
        jury justice juvenile kidnap kidnapped kidnapper kidnapping kill killed killer killing knife
        larceny law lawsuit lawyer legal liability libel litigant litigation mafia magistrate
        manslaughter misconduct misdemeanor molest mugging murder murdered murderer offence offender
        offense officer parole perjury perpetrator plaintiff plea plead pleaded pleads poison police
        policeman policing prison prisoner probation probe prosecute prosecution prosecutor
        prostitution punishment rape raped rapist robber robbery ruling scam scandal sentence
        sentenced settlement sheriff shooter shooting shoplifting shot slain slaying smuggler
        smuggling solicitor stab stabbed stabbing stalker steal stolen sue sued suing suspect
        suspected swindle testify testimony theft thief thug tort torture trafficker trafficking
        trespass trial tribunal unlawful vandal vandalism verdict victim vigilante violence violent
        warrant weapon witness
    """,
    "travel": """
        accommodation adventure airbnb airfare airline airport alps backpack backpacker backpacking
        baggage beach boarding boutique cabin camping campsite castle coastline cruise destination
        ferry flight getaway guesthouse guidebook hike hiker hiking holiday holidaymaker hostel
        hotel island itinerary journey lodge luggage mountain nomad package passenger passport
        pilgrim pilgrimage resort route safari scenic seaside sightseeing ski snorkel souvenir spa
        stopover suitcase sunny ticket tour tourism tourist tourists travel traveler traveller
        travelling trek trekking trip turbulence vacation vacationer villa village visa visitor
        voyage winery
    """,
    "food": """
        appetizer bacon bake baked baker bakery baking barbecue bean beef beer beverage bistro bread
        breakfast brewer brewery broth brunch burger butter cafe cake caramel carbs catering cheese
        chef chicken chili chilli chocolate cider cinnamon cocktail cocoa coffee cook cookbook
        cookery cookie cooking cream cuisine culinary curry dairy delicious dessert diner dining
        dinner dish dough drink eat eatery eating egg espresso fish flavor flavour flour food foodie
        fruit fry garlic gastronomy gin gourmet grape grill grilled grocery herb honey ingredient
        juice kitchen lamb lemon lunch meal meat menu michelin milk mushroom noodle nut olive onion
        oven pasta pastry pepper pie pizza pork potato poultry pub pudding recipe restaurant
        restaurateur rice roast salad salmon sandwich sauce sausage seafood seasoning snack soup
        sourdough spice spicy steak stew sushi sweet takeaway tapas taste tasting tasty tea tofu
        tomato vegan vegetable vegetarian vinegar vineyard vodka whiskey whisky wine winemaker
        yogurt
    """,
    "lifestyle": """
        accessories apparel babies baby bargain beauty bedroom boho boots bridal bride budget cardio
        cat chic childhood children clothes clothing cosmetics couple couture cozy crafts dating
        declutter decor decorate designer divorce diy dog dress etiquette family fashion fashionable
        fitness fragrance furniture garden gardener gardening gift grandparent groom habit hair
        haircut hairstyle handbag hobby home homemade horoscope houseplant interior jewellery
        jewelry kid lifestyle lipstick living makeover makeup manicure mindfulness minimalism mother
        mum nail outfit parent parenting perfume pet plant puppy recipe relationship romance runway
        selfcare shoe shopping skin skincare sleep sneaker spa stylish stylist tattoo teen tip
        toddler trend trendy valentine vintage wardrobe wear wedding wellness workout yoga zodiac
    """,
    "games": """
        amiibo arcade atari avatar beta blizzard boss capcom console controller crossplay dlc
        dungeon ea esports expansion fortnite fps game gameboy gamepad gameplay gamer games gaming
        indie joystick leaderboard level loot mario microtransaction minecraft mmo mmorpg mod
        multiplayer nintendo npc patch pc player playstation playthrough pokemon ps3 ps4 ps5 quest
        remaster retro roguelike rpg sega shooter sims singleplayer sonic sony speedrun steam
        streamer switch tabletop tetris twitch ubisoft valve videogame vr warcraft wii xbox zelda
    """,
    "ai": """
        agi ai algorithm alignment anthropic automation benchmark bot chatbot chatgpt classifier
        claude cognitive compute copilot dataset deepfake deepfakes deepmind embedding gan gemini
        generative gpt gpu hallucinate hallucination inference intelligence intelligent language
        large learning llama llm machine model multimodal neural nvidia openai parameters perceptron
        prompt pytorch reinforcement robot robotics superintelligence synthetic tensorflow token
        train trained training transformer turing vision
    """,
    "security": """
        antivirus attacker authentication backdoor blackhat botnet breach breached certificate
        cipher ciso compromised credential cryptography cve cyber cyberattack cyberattacks
        cybercrime cybercriminal cyberespionage cybersecurity cyberwarfare darknet ddos decrypt
        decryption encrypt encrypted encryption espionage exploit exploited exploits firewall hack
        hacked hacker hackers hacking hijack infosec infrastructure intrusion keylogger leak leaked
        malicious malware mfa mitigation passkey password passwords patch patched payload
        penetration pentest phishing privacy ransom ransomware rootkit sandbox security spam
        spoofing spyware ssl stolen surveillance threat tls trojan unpatched vpn vulnerabilities
        vulnerability vulnerable worm zeroday
    """,
    "space": """
        apollo artemis asteroid astronaut astronomer astronomical astronomy astrophysicist aurora
        blackhole booster capsule celestial comet constellation cosmic cosmonaut cosmos crater crew
        dock docking eclipse equinox esa exoplanet galaxies galaxy gravitational hubble interstellar
        iss jupiter launch launchpad liftoff lunar mars martian mercury meteor meteorite meteoroid
        milky mission module moon nasa nebula neptune observatory orbit orbital orbiter orbiting
        payload planet planetary pluto probe pulsar quasar rocket rover satellite saturn shuttle
        solar soyuz space spacecraft spaceflight spaceship spacesuit spacewalk spacex star stargazer
        stargazing starlink stellar sun supernova telescope universe uranus venus
    """,
    "opinion": """
        argue argues argument believe cartoon column columnist comment commentary commentator
        critique dear debate debunk disagree editor editorial editorialist essay faith hypocrisy
        ideology letters myth oped opinion opinions perspective pundit reader rebuttal reckoning
        satire should shouldn sketch think thinking viewpoint views wrong
    """,
    "weather": """
        advisory barometer blizzard celsius chill chilly cloud cloudy cold cyclone degrees downpour
        drizzle drought fahrenheit flash flood flooding fog forecast forecaster forecasters freezing
        frost gale gust hail heat heatwave humid humidity hurricane ice icy landfall lightning
        meteorological meteorologist monsoon rain rainfall rainy shower sleet snow snowfall
        snowstorm snowy storm storms sunny sunshine temperature temperatures thaw thunder
        thunderstorm tornado tornadoes tropical typhoon umbrella warm weather wind winds windy
        winter wintry
    """,
    "cars": """
        airbag audi auto automaker automobile automotive bmw brake bumper cabriolet car carmaker
        chassis chevrolet chrysler convertible coupe crossover dealership diesel drive driver
        driving electric engine ev exhaust ferrari fiat ford gasoline gearbox hatchback highway
        honda horsepower hybrid hyundai jeep kia lamborghini lexus limousine lorry maserati mazda
        mercedes mileage minivan motor motorcycle motoring motorist mph nissan pedal pickup porsche
        powertrain recall roadster roadtest saloon scooter sedan steering supercar suv tesla tire
        torque toyota traffic transmission truck turbo tyre vehicle volkswagen volvo wheel
        windscreen windshield
    """,
}
"""The words by the name of the well-known shelf."""
