package loops

import "unsafe"

// The portable twins. The explicit float64 conversions forbid the compiler to
// fuse a product and a sum, so that every architecture gives the same bits.

func dot4Go(out *[4]float64, a *float64, stride int, x *float64, n int) {
	xs := unsafe.Slice(x, n)
	rows := unsafe.Slice(a, 3*stride+n)
	for k := range out {
		out[k] = dotSlices(rows[k*stride:k*stride+n], xs)
	}
}

func addScaled4Go(y *float64, c *[4]float64, a *float64, stride int, n int) {
	ys := unsafe.Slice(y, n)
	rows := unsafe.Slice(a, 3*stride+n)
	r0, r1, r2, r3 := rows[:n], rows[stride:stride+n], rows[2*stride:2*stride+n], rows[3*stride:3*stride+n]
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	for i := range ys {
		ys[i] += (float64(c0*r0[i]) + float64(c1*r1[i])) + (float64(c2*r2[i]) + float64(c3*r3[i]))
	}
}

func dotGo(x, y *float64, n int) float64 { return dotSlices(unsafe.Slice(x, n), unsafe.Slice(y, n)) }

func dotSlices(x, y []float64) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s0 += float64(x[i] * y[i])
		s1 += float64(x[i+1] * y[i+1])
		s2 += float64(x[i+2] * y[i+2])
		s3 += float64(x[i+3] * y[i+3])
	}
	for ; i < len(x); i++ {
		s0 += float64(x[i] * y[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func addScaledGo(y *float64, c float64, x *float64, n int) {
	xs := unsafe.Slice(x, n)
	ys := unsafe.Slice(y, n)
	for i, v := range xs {
		ys[i] += float64(c * v)
	}
}
