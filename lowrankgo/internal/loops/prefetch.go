package loops

// Prefetch asks for x to be brought into the first-level cache, where the CPU
// can be asked; it does nothing else.
func Prefetch(x []float64) {
	if len(x) > 0 {
		prefetch(&x[0], len(x))
	}
}
