"""What a campaign is: text -> located nodes -> Campaign -> bound graph."""
