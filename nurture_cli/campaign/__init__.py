"""What a campaign, an asset, a funnel and a project are: nodes -> frozen values, every name bound."""
