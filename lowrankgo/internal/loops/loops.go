// Package loops holds the inner loops: each has an assembly form for CPUs
// that have the instructions and a portable twin in Go that tests compare it
// with. The variant is chosen once, at start-up.
//
// A loop's result does not depend on how work is divided between threads:
// callers give it fixed blocks.
package loops

// Variant names the loops in use: "avx2" or "generic".
func Variant() string { return variant }

// Dot4 sets out[k] = ⟨a_k, x⟩ for the four rows a_k = a[k·stride : k·stride+n],
// n = len(x). It reads 4n values of a once.
func Dot4(out *[4]float64, a []float64, stride int, x []float64) {
	n := len(x)
	if n == 0 {
		*out = [4]float64{}
		return
	}
	_ = a[3*stride+n-1]
	dot4(out, &a[0], stride, &x[0], n)
}

// AddScaled4 adds Σ_k c[k]·a_k to y for the four rows
// a_k = a[k·stride : k·stride+n], n = len(y).
func AddScaled4(y []float64, c *[4]float64, a []float64, stride int) {
	n := len(y)
	if n == 0 {
		return
	}
	_ = a[3*stride+n-1]
	addScaled4(&y[0], c, &a[0], stride, n)
}

// Dot returns ⟨x, y⟩ over len(x) values.
func Dot(x, y []float64) float64 {
	n := len(x)
	if n == 0 {
		return 0
	}
	_ = y[n-1]
	return dot(&x[0], &y[0], n)
}

// AddScaled adds c·x to y over len(x) values.
func AddScaled(y []float64, c float64, x []float64) {
	n := len(x)
	if n == 0 {
		return
	}
	_ = y[n-1]
	addScaled(&y[0], c, &x[0], n)
}
