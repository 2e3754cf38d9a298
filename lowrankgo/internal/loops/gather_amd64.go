package loops

//go:noescape
func gatherDotAVX2(dst, b, x *float64, k int, y *float64, stride int, idx *int32, n int)

//go:noescape
func gatherAddScaledAVX2(out *float64, k int, w, z *float64, stride int, idx *int32, n int)

//go:noescape
func scatterAddScaledAVX2(y *float64, stride int, idx *int32, n int, w, x *float64, k int)

func gatherDot(dst, b, x *float64, k int, y *float64, stride int, idx *int32, n int) {
	if useAVX2 {
		gatherDotAVX2(dst, b, x, k, y, stride, idx, n)
		return
	}
	gatherDotGo(dst, b, x, k, y, stride, idx, n)
}

func gatherAddScaled(out *float64, k int, w, z *float64, stride int, idx *int32, n int) {
	if useAVX2 {
		gatherAddScaledAVX2(out, k, w, z, stride, idx, n)
		return
	}
	gatherAddScaledGo(out, k, w, z, stride, idx, n)
}

func scatterAddScaled(y *float64, stride int, idx *int32, n int, w, x *float64, k int) {
	if useAVX2 {
		scatterAddScaledAVX2(y, stride, idx, n, w, x, k)
		return
	}
	scatterAddScaledGo(y, stride, idx, n, w, x, k)
}
