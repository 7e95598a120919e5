"""The lexicon: what each word asks the painter for.

A line is a meaning, `=`, and the words that carry it; an indented line goes on. A meaning
names elements, times, seasons, moods or traits, each with a strength. An underscore joins
a phrase. Plurals and simple endings are found by `reading` and need no entry.
"""

LEXICON = """
# Sky and weather
sky:1 = sky heaven heavens firmament atmosphere air horizon welkin
sky:1 day:.7 = blue_sky clear_sky daylit
clouds:1 = cloud cumulus cirrus cloudscape stratus nimbus skyscape
clouds:1 overcast:.8 = overcast cloudy grey_sky gray_sky
clouds:1 storm:1 rain:.35 chop:.9 dramatic:.6 = storm tempest thunderstorm hurricane
    stormy thunder squall typhoon gale
clouds:.7 chop:.5 wind:1 = wind breeze windy gust blustery
rain:1 clouds:.9 overcast:.8 = rain drizzle downpour rainfall raindrop rainy shower
    monsoon
snowfall:1 snow:.8 clouds:.5 winter:.7 = snow snowfall snowflake snowstorm blizzard flurry
    snowy
mist:1 = mist fog haze foggy misty hazy vapor vapour veil brume

mist:.5 smoke:1 = smoke smoky soot fume
rainbow:1 sky:.5 day:.5 = rainbow
rays:1 sun:.4 = ray sunbeam sunray beam lightbeam god_rays crepuscular shaft
aurora:1 stars:.6 night:1 = aurora borealis northern_lights polar_lights southern_lights

# Sun, moon and stars
sun:1 = sun sol solar helios
sun:.8 day:.9 = sunny sunlit sunlight sunshine sunlike
moon:1 = moon lunar moonlike luna

moon:.9 night:.9 = moonlight moonlit moonrise moonshine
moon:1 full:1 = full_moon
moon:1 crescent:1 = crescent crescent_moon half_moon new_moon waning_moon waxing_moon
stars:1 = star starry starlight starlit stellar constellation astral celestial starfield
    astronomical
galaxy:1 stars:1 night:.9 = galaxy milky_way galactic nebula cosmos cosmic universe
    outer_space space interstellar deep_space stardust
comet:1 stars:.7 night:.6 = comet meteor shooting_star falling_star meteorite
eclipse:1 sun:1 stars:.5 night:.6 = eclipse corona

# Land
mountains:1 = mountain peak alp alpine summit ridge range everest sierra cliff crag
    himalaya mountainous andes fuji

volcano:1 mountains:.5 embers:.7 smoke:.3 = volcano volcanic eruption lava magma
hills:1 = hill valley slope countryside rolling_hills highland upland vale dale moor
dunes:1 sand:1 = desert dune sahara sand sandy arid
meadow:1 grass:.8 hills:.5 = meadow field grassland prairie pasture savanna steppe lawn
    glade
meadow:.8 grass:1 = grass reed wheat straw barley
garden:1 meadow:.8 flowers:.9 trees:.4 = garden park orchard
island:1 ocean:.8 = island isle islet archipelago

ocean:.9 sand:1 beach:1 = beach shore coast seashore coastline strand
mountains:.5 hills:.5 = landscape scenery nature wilderness land vista panorama
canyon:1 mountains:.8 sand:.7 = canyon gorge mesa badlands
snow:1 mountains:.4 winter:.6 = glacier ice icy frozen frost arctic antarctic polar frosty

city:1 = city skyline town building skyscraper urban cityscape tower metropolis village

# Water
lake:1 = lake pond mirror_lake lagoon tarn loch reservoir reflection mere

lake:.8 water:.6 = water watery aquatic pool
ocean:1 = ocean sea marine seascape pacific atlantic maritime sail tide

ocean:1 chop:1 = wave surf breaker billow swell whitecap tsunami
river:1 lake:.5 hills:.4 = river stream brook creek rill waterway canal
waterfall:1 mountains:.7 lake:.6 = waterfall cascade cataract

chop:.5 lake:.7 = ripple rippling

# Plants
forest:1 = forest wood woodland pine conifer spruce fir evergreen taiga redwood cedar
    larch forested
trees:1 = tree oak maple birch grove willow elm beech foliage leaf poplar
trees:1 forest:.7 = jungle rainforest thicket
flowers:1 meadow:.6 = flower blossom bloom floral rose poppy daisy tulip petal lily
    wildflower lavender sunflower iris peony orchid dahlia violets bouquet flowering
trees:.9 blossom:1 petals:.9 spring:.6 = cherry_blossom sakura cherry_tree plum_blossom
lotus:1 lake:.7 = lotus water_lily waterlily lilypad
trees:.6 autumn:.7 petals:.5 = falling_leaves autumn_leaves leaf_fall

# Fire
fire:1 = fire flame blaze inferno wildfire conflagration pyre fiery ablaze burning burn
    bonfire hellfire campfire flaming

embers:1 fire:.35 = ember spark glowing_coal cinder ash torch
candle:1 fire:.3 night:.5 = candle candlelight lantern lamp

# Living light
fireflies:1 = firefly fireflies glowworm fairy fairies orb bokeh sparkle glitter
birds:1 = bird gull seagull crow swallow raven dove crane geese flock heron

# Geometry
mandala:1 = mandala rosette kaleidoscope yantra sacred ornament chakra
mandala:.7 flower_of_life:.7 = sacred_geometry geometry geometric symmetry symmetrical
    pattern
flower_of_life:1 = flower_of_life seed_of_life metatron merkaba
spiral:1 = spiral vortex whirl swirl helix fibonacci golden_ratio whirlpool twirl
    labyrinth
rings:1 = ring circle circular concentric sphere disc disk enso halo round
polygons:1 = triangle polygon square hexagon pentagon pyramid star_polygon angular cube
    fractal facet diamond
crystal:1 = crystal gem quartz prism lattice amethyst geode facet mosaic tessellation grid
    network web

# Abstract
fields:1 = rothko color_field colour_field fields_of_color fields_of_colour minimalist
    minimal minimalism block panel
flow:1 = flow flowing fluid liquid silk current stream_of smooth ribbon wavy undulating
marble:1 = marble texture ink smoke_texture grain rough rust stone paper canvas wood_grain
    textured agate
glow:1 = glow aura radiance shine light radiant luminous luminosity halo glowing bright
    luminescent illumination shining
abstract:1 = abstract abstraction abstract_art nonfigurative imagination dream_state
    thought mind consciousness neural brain

# Times
dawn:1 sun:.75 = sunrise dawn daybreak sunup aurora_dawn
dawn:.6 day:.4 = morning
day:1 = day noon midday daylight daytime afternoon
dusk:1 sun:.75 = sunset sundown nightfall
golden:1 sun:.6 = golden_hour golden_light
dusk:.6 golden:.3 = evening eventide
twilight:1 stars:.2 = twilight dusk blue_hour gloaming
night:1 = night midnight nocturnal nighttime
night:.8 = dark darkness shadow shadowy

# Seasons
spring:1 = spring springtime vernal april
summer:1 = summer summery summertime july tropical
autumn:1 = autumn fall autumnal october harvest
winter:1 snow:.8 = winter wintry wintertime december january

# Moods
calm:1 = calm serene peaceful tranquil quiet still relaxed gentle serenity peace
    meditation meditative soothing stillness relaxing restful harmony harmonious zen
joyful:1 = happy joyful joy cheerful bright_mood playful delight blissful bliss love
    hopeful euphoric vivid vibrant colourful colorful
sad:1 overcast:.6 = sad melancholy melancholic gloomy sorrow lonely grief somber
    sombre bleak desolate
    loneliness
dramatic:1 = dramatic epic intense powerful mighty fierce angry wild turbulent furious
    rage chaos chaotic energetic dynamic tense anxious
mystic:1 = mystical mystic magical mysterious ethereal enchanted spiritual dream dreamy
    dreamlike surreal transcendent otherworldly divine fantasy
soft:1 = soft pastel delicate tender faded muted subtle hushed
warm:1 = warm hot cosy cozy
cold:1 = cold cool chilly freezing
vast:1 = vast deep endless infinite wide immense distant far
"""

COLOURS = """
#c81d1d = red crimson scarlet ruby vermilion carmine blood
#f07818 = orange tangerine apricot amber
#f5cf2b = yellow lemon saffron
#f0b93a = gold golden honey
#2f9a4a = green verdant
#0f8a62 = emerald jade viridian malachite
#7d8f3a = olive moss lime chartreuse
#17a3a8 = teal turquoise aqua aquamarine
#22c3e6 = cyan
#2360d0 = blue
#1d3fbf = sapphire cobalt ultramarine
#4fa3e8 = azure cerulean
#14275f = navy
#3b2a9c = indigo
#7a35c4 = violet
#7d2bb0 = purple plum
#a98bd8 = lilac mauve
#cf2fa3 = magenta fuchsia
#ee86ac = pink blush
#e58a72 = coral salmon peach
#6b4426 = brown umber sepia chestnut chocolate
#b06f38 = copper bronze ochre terracotta
#f2efe6 = white ivory pearl cream
#a9b0b8 = silver
#0d0d12 = black ebony onyx jet
#7c8288 = grey gray ashen slate
"""

HUES = """
flowers #8d6bd2 = lavender iris
flowers #f4c51e = sunflower
flowers #e22f1c = poppy
flowers #d9305f = rose peony
flowers #f7f3e8 = daisy lily
flowers #f4a6c2 = lotus
flowers #6a3fc0 = violets
trees #f3a9c0 = cherry_blossom sakura cherry_tree plum_blossom
"""
"""Words that also colour an element: element, colour, words."""

STRONGER = """
big bright brilliant deep dense giant grand great heavy huge intense intensely large many
massive rich strong strongly thick very
"""
"""Words that raise the strength of the next noun."""

WEAKER = """
distant faint few gentle light little pale slight slightly small soft some subtle thin
tiny
"""
"""Words that lower it."""

NEGATING = """
except lacking minus never no not sans without
"""
"""Words that deny what follows."""

STOP = """
4k 8k a above across against an and are art artwork as at beautiful behind below beside
between by down for from hd image in into is it its like near of on or out over painting
photo picture scene style that the there this through to under up very view where which
while who with
"""
"""Words without a meaning for a picture."""
