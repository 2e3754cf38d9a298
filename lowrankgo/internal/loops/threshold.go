package loops

// Threshold splits part of a row of data d by how far it lies from a low-rank
// matrix, whose part is
//
//	l[j] = Σ_k u[k]·vt[k·stride+j]
//
// It sets dst[j] = d[j] where |d[j] − l[j]| ≤ zeta and dst[j] = l[j] elsewhere,
// also where d[j] is NaN, and returns Σ (d[j] − l[j])² over the former and how
// many they are. An empty u means l = 0. dst may be d. Neither an entry nor its
// share depends on what stands beside it, but for the order of the sum.
func Threshold(dst, d, u, vt []float64, stride int, zeta float64) (sum float64, kept int) {
	n, k := len(d), len(u)
	if n == 0 {
		return 0, 0
	}
	_ = dst[n-1]
	if k == 0 {
		return threshold(&dst[0], &d[0], n, nil, 0, nil, 0, zeta)
	}
	_ = vt[(k-1)*stride+n-1]
	return threshold(&dst[0], &d[0], n, &u[0], k, &vt[0], stride, zeta)
}
