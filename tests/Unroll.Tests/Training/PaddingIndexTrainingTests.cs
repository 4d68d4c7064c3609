using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Training;

public class PaddingIndexTrainingTests
{
    private static readonly float[] s_ids = [3, 1, 2, 0, 2, 2, 0, 0, 1, 3, 1, 2];
    private static readonly float[] s_tags = [1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 0, 1];

    [Fact]
    public void Padding_ids_with_a_target_at_every_step_train_like_given_lengths()
    {
        Tensor ids = Tensor.FromArray(s_ids, 3, 4), tags = Tensor.FromArray(s_tags, 3, 4);
        Sequential byIndex = Model(), byLengths = Model();
        History first = byIndex.Fit((ids, tags), epochs: 4, batchSize: 2, validation: (ids, tags));
        History second = byLengths.Fit((ids.WithLengths([3, 2, 4]), tags), epochs: 4, batchSize: 2, validation: (ids.WithLengths([3, 2, 4]), tags));

        Assert.Equal(second["loss"], first["loss"]);
        Assert.Equal(second["val_accuracy"], first["val_accuracy"]);
        for (int i = 0; i < byIndex.Parameters.Count; i++) Assert.Equal(byLengths.Parameters[i].ToArray(), byIndex.Parameters[i].ToArray());
        Assert.Equal(byLengths.Predict(ids.WithLengths([3, 2, 4])).ToArray(), byIndex.Predict(ids).ToArray());
        Assert.Equal(byLengths.Evaluate((ids.WithLengths([3, 2, 4]), tags)).Loss, byIndex.Evaluate((ids, tags)).Loss);
    }

    private static Sequential Model()
    {
        var model = new Sequential(seed: 3) { new Embedding(4, 5, paddingIndex: 0), new Lstm(6, returnSequences: true), new Dense(2, activation: "softmax") };
        model.Compile("adam", "sparse_categorical_crossentropy", "accuracy");
        return model;
    }
}
