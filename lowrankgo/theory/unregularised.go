package theory

func unregularisedItems() []Item { return nil }
