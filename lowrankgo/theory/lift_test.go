package theory

import (
	"context"
	"errors"
	"reflect"
	"testing"
)

// liftedAndDistributed lists the items whose measurements the tests below look at.
func liftedAndDistributed() []Item {
	return append(append(liftItems(), unregularisedItems()...), distributedItems()...)
}

// TestLiftMeasured: no item is contradicted, each looks at instances and says
// what it found, the same for the same seed.
func TestLiftMeasured(t *testing.T) {
	for _, item := range liftedAndDistributed() {
		t.Run(item.Name, func(t *testing.T) {
			m, err := item.Measure(context.Background(), Effort{Seed: 3, Quick: true})
			if err != nil {
				t.Fatal(err)
			}
			if m.Fails() || m.Instances == 0 || m.Note == "" {
				t.Errorf("%+v", m)
			}
			again, err := item.Measure(context.Background(), Effort{Seed: 3, Quick: true})
			if err != nil || again.Residual != m.Residual && m.Residual == m.Residual || again.Note != m.Note || !reflect.DeepEqual(again.Constant, m.Constant) {
				t.Errorf("the same seed gave %+v, %v after %+v", again, err, m)
			}
		})
	}
}

func TestLiftMeasureCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, item := range liftedAndDistributed() {
		if _, err := item.Measure(ctx, Effort{Seed: 1, Quick: true}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", item.Name, err)
		}
	}
}
