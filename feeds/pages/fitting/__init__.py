"""Publishers' texts made to fit into a page of ours: valid, accessible, with pictures or without.

What is well-formed and safe (`aggregator.markup`) can still have a list in a heading, a link in a
link, or headings that begin at the fourth level. Here each element becomes one that the content
models of HTML (3.2.5, and "Content model" under each element in 4) let stand where it stands; the
words and their order stay.
"""

from feeds.pages.fitting.fit import fitted as fitted
