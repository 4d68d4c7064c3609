using Unroll.Layers;
using Unroll.Models;

namespace Unroll.Tests.Models;

public class KerasSummaryTests
{
    [Fact]
    public void The_textbook_model_has_the_textbook_counts_without_being_built()
    {
        var model = new Sequential { new Embedding(1000, 64), new Lstm(128), new Dense(10) };
        string expected = """
            Model: "sequential"
            ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
            ┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
            ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
            │ embedding (Embedding)           │ (None, None, 64)       │        64,000 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ lstm (Lstm)                     │ (None, 128)            │        98,816 │
            ├─────────────────────────────────┼────────────────────────┼───────────────┤
            │ dense (Dense)                   │ (None, 10)             │         1,290 │
            └─────────────────────────────────┴────────────────────────┴───────────────┘
             Total params: 164,106 (641.04 KB)
             Trainable params: 164,106 (641.04 KB)
             Non-trainable params: 0 (0.00 B)

            """.ReplaceLineEndings("\n");
        Assert.Equal(expected, model.Summary());
    }
}
