"""Pages of rounds, sheets and boards: rule, rows through their owner, a verb or a page's data, an answer."""
