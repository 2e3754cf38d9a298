package theory

func sensingItems() []Item { return nil }
