package lowrankgo

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Stream returns the random numbers of one purpose. Every (seed, name, index)
// has its own stream, so that drawing more of one kind never shifts another.
// Streams are equal on every platform: ChaCha8 keyed by SHA-256.
func Stream(seed uint64, name string, index ...uint64) *rand.Rand {
	return rand.New(StreamSource(seed, name, index...))
}

// StreamSource is the source behind [Stream], for a method that keeps its
// place in the stream in a checkpoint.
func StreamSource(seed uint64, name string, index ...uint64) *rand.ChaCha8 {
	b := binary.LittleEndian.AppendUint64(nil, seed)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(name)))
	b = append(b, name...)
	for _, i := range index {
		b = binary.LittleEndian.AppendUint64(b, i)
	}
	return rand.NewChaCha8(sha256.Sum256(b))
}

// NormalMatrix returns a rows×cols matrix of independent N(0, 1) numbers from
// rng, filled row by row. It panics when a size is below 1.
func NormalMatrix(rng *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	data := m.RawMatrix().Data
	for i := range data {
		data[i] = rng.NormFloat64()
	}
	return m
}
