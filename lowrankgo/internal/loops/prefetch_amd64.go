package loops

//go:noescape
func prefetch(x *float64, n int)
