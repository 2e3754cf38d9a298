package operator

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// series gives the random streams of one purpose, one for each index, without
// allocating: at(i) draws what lowrankgo.Stream(seed, name, i) would. It is for
// one goroutine.
type series struct {
	key []byte // the seed, the name's length, the name, the index
	src *rand.ChaCha8
	rng *rand.Rand
}

func newSeries(seed uint64, name string) *series {
	key := binary.LittleEndian.AppendUint64(nil, seed)
	key = binary.LittleEndian.AppendUint64(key, uint64(len(name)))
	key = append(key, name...)
	s := &series{key: append(key, make([]byte, 8)...), src: rand.NewChaCha8([32]byte{})}
	s.rng = rand.New(s.src)
	return s
}

// at goes to the beginning of stream i.
func (s *series) at(i uint64) *rand.Rand {
	binary.LittleEndian.PutUint64(s.key[len(s.key)-8:], i)
	s.src.Seed(sha256.Sum256(s.key))
	return s.rng
}
