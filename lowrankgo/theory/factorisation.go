package theory

func factorisationItems() []Item { return nil }
