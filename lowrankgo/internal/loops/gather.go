package loops

// GatherDot sets
//
//	dst[e] = ⟨x, y_idx[e]⟩ − b[e]
//
// for the rows y_j = y[j·stride : j·stride+len(x)]; a nil b is 0. Every index
// must name a row that lies in y: indices are not checked. An entry's bits do
// not depend on its neighbours.
func GatherDot(dst, b, x, y []float64, stride int, idx []int32) {
	n, k := len(idx), len(x)
	if n == 0 {
		return
	}
	if k == 0 {
		panic("loops: GatherDot of rows without columns")
	}
	_ = dst[n-1]
	var first *float64
	if b != nil {
		_, first = b[n-1], &b[0]
	}
	gatherDot(&dst[0], first, &x[0], k, &y[0], stride, &idx[0], n)
}

// GatherAddScaled adds Σ_e w[e]·z_idx[e] to out for the rows
// z_j = z[j·stride : j·stride+len(out)]. Every index must name a row that lies
// in z: indices are not checked.
func GatherAddScaled(out, w, z []float64, stride int, idx []int32) {
	n, k := len(idx), len(out)
	if n == 0 || k == 0 {
		return
	}
	_ = w[n-1]
	gatherAddScaled(&out[0], k, &w[0], &z[0], stride, &idx[0], n)
}

// ScatterAddScaled adds w[e]·x to y_idx[e], for all e in order, for the rows
// y_j = y[j·stride : j·stride+len(x)]. Every index must name a row that lies in
// y: indices are not checked.
func ScatterAddScaled(y []float64, stride int, idx []int32, w, x []float64) {
	n, k := len(idx), len(x)
	if n == 0 || k == 0 {
		return
	}
	_ = w[n-1]
	scatterAddScaled(&y[0], stride, &idx[0], n, &w[0], &x[0], k)
}
