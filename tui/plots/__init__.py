"""Plots that scripts reported, as plain cells: a stored figure goes in, rows of characters with a role each come out.

``figure`` reads what is stored into parts of one kind each and never fails over what it does not know (``stored`` its
values, ``boxes`` its boxes and violins, with the numbers of ``spread``); ``scale`` puts values on axes; ``chart``,
``outlines``, ``heat`` and ``sheet`` draw the kinds and ``draw`` a whole figure; ``painter`` reads and draws off the
event loop and keeps what it drew. Nothing here imports Textual; stored text is made safe in ``stored``.
"""
