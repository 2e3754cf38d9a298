// Package operator holds linear measurement maps 𝒜: R^{d1×d2} → R^m,
// 𝒜(M)ᵢ = ⟨Aᵢ, M⟩, and their adjoints 𝒜*(w) = Σ wᵢAᵢ.
//
// A map is immutable and may be shared; its NewEval gives a workspace for one
// goroutine. Maps are applied to matrices given as products of thin factors,
// and adjoints to thin matrices, so that a d1×d2 matrix is formed only where
// that is cheaper.
//
//	map       stores                 one application of 𝒜 or 𝒜*
//	Gaussian  m·d1·d2 numbers        one pass over them; both together also one pass
//	Mask      16 bytes an entry      O(|Ω|·k) for thin matrices of k columns
package operator
