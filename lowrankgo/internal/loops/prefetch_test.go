package loops

import "testing"

// Prefetch changes nothing, and may be given anything, also the end of memory.
func TestPrefetch(t *testing.T) {
	for n := range 40 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i)
		}
		Prefetch(x)
		Prefetch(x[n:])
		for i, v := range x {
			if v != float64(i) {
				t.Fatalf("n = %d: entry %d became %v", n, i, v)
			}
		}
	}
	Prefetch(nil)
}
