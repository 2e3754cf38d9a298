package theory

func recoveryItems() []Item { return nil }
