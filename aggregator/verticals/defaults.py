"""The shelves that every news room has: under which names, and which publishers' tags mean them.

`categories` in config.toml takes the place of the tags here. A tag that says nothing of the desk
("news", "top stories", "features") stands nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from aggregator import markup
from aggregator.settings import Vertical

ALIASES: Mapping[str, str] = {
    "world": "international, foreign, global, world news, international news, global affairs,"
    " ausland, welt, monde, mundo, internacional, esteri, мир, в мире",
    "politics": "political, government, politik, politique, política, politica, политика",
    "business": "economy, economics, finance, money, markets, business news, wirtschaft,"
    " finanzen, économie, economie, economía, negocios, finanzas, economia, экономика, бизнес",
    "technology": "tech, it, computing, computers, digital, high tech, technology news, tech"
    " news, technik, netzwelt, technologie, tecnología, tecnologia, технологии",
    "science": "sciences, research, science news, wissenschaft, wissen, ciencia, ciência,"
    " scienza, наука",
    "health": "medicine, healthcare, health care, wellbeing, wellness, gesundheit, medizin,"
    " santé, salud, saúde, salute, здоровье",
    "sports": "sport, sports news, deportes, esporte, esportes, спорт",
    "entertainment": "showbiz, show business, pop culture, unterhaltung, divertissement,"
    " entretenimiento, espectáculos, развлечения",
    "culture": "arts, the arts, kultur, feuilleton, cultura, культура",
    "environment": "climate, climate change, green, sustainability, umwelt, klima, environnement,"
    " planète, climat, medio ambiente, clima, экология",
    "education": "schools, bildung, éducation, educación, educação, образование",
    "crime": "law, justice, courts, kriminalität, recht, justiz, justicia, sucesos, faits divers,"
    " происшествия",
    "travel": "tourism, holidays, reise, reisen, voyage, voyages, viajes, viagem, путешествия",
    "food": "drink, food drink, drinks, essen, essen trinken, cuisine, gastronomie, gastronomía,"
    " cocina, еда",
    "lifestyle": "life, style, living, leben, stil, style de vie, estilo, estilo de vida, стиль"
    " жизни",
    "games": "gaming, video games, videogames, e sports, esports, spiele, jeux, jeux vidéo,"
    " juegos, videojuegos, игры",
    "ai": "artificial intelligence, machine learning, ki, künstliche intelligenz, ia,"
    " intelligence artificielle, inteligencia artificial, ии, искусственный интеллект",
    "security": "cybersecurity, cyber security, infosec, information security, it security,"
    " cyber, it sicherheit, cybersécurité, ciberseguridad, кибербезопасность",
    "space": "astronomy, weltraum, raumfahrt, astronomie, espace, espacio, astronomía, космос",
    "opinion": "opinions, comment, commentary, editorials, op ed, meinung, kommentar, débats,"
    " idées, tribunes, opinión, мнения",
    "weather": "forecast, wetter, météo, meteorología, погода",
    "cars": "car, auto, autos, automotive, motoring, motors, automobile, coches, авто",
}
"""What operators call a well-known shelf, besides its own name: the same, and no part of it."""

TAGS: Mapping[str, str] = {
    "world": "world, world news, world politics, international, international news, international"
    " relations, foreign policy, foreign affairs, global news, global affairs, geopolitics,"
    " diplomacy, war, war and conflict, conflict, conflict war and peace, middle east, africa,"
    " asia, asia pacific, europe, latin america, united nations, refugees, ausland, monde, mundo,"
    " internacional, в мире, мир, esteri",
    "politics": "politics, us politics, uk politics, politics and government, government, law"
    " government and politics, elections, election, congress, parliament, white house, political"
    " parties, democracy, legislation, policy, public policy, politik, innenpolitik, politique,"
    " política, politica, политика",
    "business": "business, business news, business and economy, business and finance, economy,"
    " economics, economy business and finance, economic policy, finance, personal finance,"
    " financial services, markets, stock market, stock markets, stocks, investing, investment,"
    " banking, banks, companies, company news, corporate, money, trade, retail, retail industry,"
    " startups, entrepreneurship, earnings, inflation, real estate, jobs, careers, wirtschaft,"
    " finanzen, unternehmen, économie, economie, entreprises, economía, negocios, economia,"
    " экономика, бизнес",
    "technology": "technology, tech, tech news, technology news, science and technology,"
    " technology and computing, computing, computers, computers and electronics, consumer"
    " electronics, internet, internet and telecom, software, hardware, apps, mobile, mobile"
    " phones, smartphones, gadgets, programming, software development, web development,"
    " developers, open source, linux, android, ios, cloud, cloud computing, big data, data,"
    " robotics, social media, telecom, telecommunications, semiconductors, artificial"
    " intelligence, ai, machine learning, cybersecurity, technik, digital, netzwelt, technologie,"
    " high tech, tecnología, tecnologia, технологии, интернет",
    "science": "science, sciences, science news, science and nature, research, physics,"
    " chemistry, biology, astronomy, space, mathematics, neuroscience, genetics, evolution,"
    " archaeology, archeology, palaeontology, paleontology, geology, ecology, psychology, science"
    " and technology, wissenschaft, wissen, ciencia, ciência, scienza, наука",
    "health": "health, health news, health and fitness, health and wellness, healthcare, health"
    " care, medicine, medical, medical research, mental health, public health, nutrition,"
    " fitness, wellness, wellbeing, well being, diseases and conditions, disease, diseases,"
    " cancer, vaccines, infectious diseases, nhs, gesundheit, medizin, santé, sante, salud,"
    " saúde, salute, здоровье",
    "sports": "sport, sports, sports news, football, soccer, american football, nfl, nba, mlb,"
    " nhl, basketball, baseball, hockey, ice hockey, tennis, golf, cricket, rugby, rugby union,"
    " rugby league, athletics, cycling, boxing, mma, formula 1, formula one, motorsport,"
    " olympics, olympic games, premier league, champions league, world cup, college football,"
    " swimming, fussball, bundesliga, deportes, fútbol, futbol, esportes, спорт, футбол",
    "entertainment": "entertainment, entertainment news, arts and entertainment, arts culture and"
    " entertainment, arts culture entertainment and media, celebrity, celebrities, celebrity"
    " news, showbiz, film, films, movie, movies, movie reviews, cinema, hollywood, bollywood, tv,"
    " television, tv shows, television and radio, tv and radio, music, music news, pop and rock,"
    " pop culture, streaming, comedy, unterhaltung, leute, people, entretenimiento, espectáculos,"
    " развлечения, кино, музыка",
    "culture": "culture, arts, art, arts and culture, art and design, visual arts, fine art,"
    " books, book reviews, literature, fiction, poetry, theatre, theater, stage, dance, opera,"
    " classical music, museums, photography, architecture, design, exhibitions, film, music,"
    " kultur, feuilleton, cultura, arte, libros, livres, культура, книги",
    "environment": "environment, environmental issues, climate, climate change, climate crisis,"
    " global warming, energy, renewable energy, nature, wildlife, conservation, pollution,"
    " sustainability, animals, biodiversity, oceans, umwelt, klima, klimawandel, environnement,"
    " planète, climat, medio ambiente, clima, экология",
    "education": "education, schools, school, universities, university, higher education,"
    " colleges, students, teaching, teachers, bildung, schule, éducation, educación, educação,"
    " образование",
    "crime": "crime, crime and courts, crime law and justice, law, legal, justice, courts,"
    " police, law enforcement, supreme court, prisons, criminal justice, murder, kriminalität,"
    " justiz, recht, justice police, faits divers, justicia, sucesos, происшествия, криминал",
    "travel": "travel, travel news, travel and leisure, travel and tourism, tourism,"
    " destinations, holidays, vacations, hotels, airlines, cruises, reise, reisen, voyage,"
    " voyages, viajes, turismo, viagem, путешествия, туризм",
    "food": "food, food and drink, food and drinks, food and beverage, cooking, recipes, recipe,"
    " restaurants, restaurant reviews, dining, drinks, wine, beer, cocktails, baking, dessert,"
    " essen, essen und trinken, kochen, rezepte, cuisine, gastronomie, recettes, gastronomía,"
    " cocina, recetas, еда, рецепты",
    "lifestyle": "lifestyle, life and style, lifestyle and leisure, style, style and fashion,"
    " fashion, beauty, family, family and parenting, parenting, relationships, home, home and"
    " garden, gardening, interiors, hobbies, hobbies and interests, pets, weddings, leben, stil,"
    " mode, style de vie, estilo, estilo de vida, moda, стиль, стиль жизни",
    "games": "games, gaming, video games, video gaming, videogames, pc gaming, playstation, xbox,"
    " nintendo, esports, spiele, jeux, jeux vidéo, juegos, videojuegos, игры",
    "ai": "ai, artificial intelligence, artificial intelligence ai, generative ai, machine"
    " learning, deep learning, large language models, llm, llms, neural networks, computer"
    " vision, natural language processing, nlp, chatgpt, chatbots, künstliche intelligenz, ki,"
    " ia, intelligence artificielle, inteligencia artificial, искусственный интеллект, ии",
    "security": "security, cybersecurity, cyber security, cyber security news, computer security,"
    " information security, infosec, it security, network security, data breach, data breaches,"
    " data security, hacking, hackers, malware, ransomware, phishing, vulnerability,"
    " vulnerabilities, privacy, encryption, cybercrime, it sicherheit, sécurité, cybersécurité,"
    " ciberseguridad, кибербезопасность",
    "space": "space, space exploration, spaceflight, astronomy, astrophysics, cosmology, nasa,"
    " esa, spacex, planets, moon, mars, satellites, rockets, weltraum, raumfahrt, astronomie,"
    " espace, espacio, astronomía, космос",
    "opinion": "opinion, opinions, comment, commentary, editorial, editorials, op ed, op eds,"
    " column, columns, columnists, letters, letters to the editor, analysis and opinion,"
    " viewpoint, viewpoints, perspective, meinung, kommentar, kommentare, débats, idées,"
    " tribunes, tribune, opinión, мнения, мнение",
    "weather": "weather, weather news, forecast, weather forecast, hurricanes, storms, wetter,"
    " météo, el tiempo, meteorología, погода",
    "cars": "cars, car, car news, autos, auto, auto news, automotive, automobiles, automotive"
    " industry, motoring, motors, electric vehicles, electric cars, evs, motorcycles, mobilität,"
    " automobile, motor, coches, авто",
}
"""Categories that publishers give, by the well-known shelf that they mean."""

# Of whose stories these are a part, where the operator has no shelf for them alone.
_PART_OF: Mapping[str, tuple[str, ...]] = {
    "ai": ("technology",),
    "security": ("technology",),
    "games": ("technology", "entertainment"),
    "space": ("science",),
    "environment": ("science",),
    "weather": ("environment",),
    "culture": ("entertainment",),
    "entertainment": ("culture",),
    "politics": ("world",),
    "food": ("lifestyle",),
    "travel": ("lifestyle",),
}
_AND = re.compile(r"[&/+,_-]|\b(?:and|und|et|y|e|и)\b", re.IGNORECASE)


def _keys(listed: str) -> list[str]:
    return [markup.title_key(one) for one in listed.split(",")]


_SHELF_OF = {alias: name for name, listed in ALIASES.items() for alias in (name, *_keys(listed))}


def known_as(vertical: Vertical) -> tuple[str, ...]:
    """The well-known shelves that this one is, by a name or its title; mostly one or none.

    "Science & Technology" is two.
    """
    found: dict[str, None] = {}
    for written in (vertical.name, vertical.title, *vertical.was):
        whole = _SHELF_OF.get(markup.title_key(written))
        keys = (markup.title_key(part) for part in _AND.split(written))
        parts = [_SHELF_OF.get(key) for key in keys if key]
        # "eu-politics" is no politics: it would have everybody's.
        shelves = [whole] if whole else [] if None in parts else parts
        found |= dict.fromkeys(shelf for shelf in shelves if shelf)
    return tuple(found)


def categories_of(vertical: Vertical) -> tuple[str, ...]:
    """The publishers' categories that mean this vertical: the operator's, else the default ones."""
    given = vertical.categories
    if given is not None:
        return given
    listed = (one.strip() for shelf in known_as(vertical) for one in TAGS[shelf].split(","))
    return tuple(dict.fromkeys(form for one in listed for form in _forms(one)))


def _forms(tag: str) -> tuple[str, ...]:
    """The tag, and as others write it: "food & drink" has no "and" to compare by."""
    return (tag, tag.replace(" and ", " & ")) if " and " in tag else (tag,)


def desks(defined: Iterable[Vertical]) -> dict[str, dict[str, bool]]:
    """For every well-known shelf, the verticals that have its stories.

    Each with whether the shelf is but a part of it, which none is that has a vertical of its own.
    None at all for one that the operator has no shelf for.
    """
    own: dict[str, dict[str, bool]] = {shelf: {} for shelf in TAGS}
    for vertical in defined:
        for shelf in known_as(vertical):
            own[shelf][vertical.name] = False
    wider = {
        part: {name: True for whole in wholes for name in own[whole]}
        for part, wholes in _PART_OF.items()
        if not own[part]
    }
    return own | wider
