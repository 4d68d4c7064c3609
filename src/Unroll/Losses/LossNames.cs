namespace Unroll.Losses;

/// <summary>Every loss that has a name, with default options. A test keeps this complete.</summary>
internal static class LossNames
{
    private static readonly (string[] Names, Func<Loss> Make)[] s_losses =
    [
        (["mean_squared_error", "mse"], Loss.MeanSquaredError),
        (["mean_absolute_error", "mae"], Loss.MeanAbsoluteError),
        (["huber", "huber_loss"], () => Loss.Huber()),
        (["categorical_crossentropy"], () => Loss.CategoricalCrossEntropy()),
        (["sparse_categorical_crossentropy"], () => Loss.SparseCategoricalCrossEntropy()),
        (["binary_crossentropy", "bce"], () => Loss.BinaryCrossEntropy()),
        (["gaussian_negative_log_likelihood", "gaussian"], Loss.GaussianNegativeLogLikelihood),
        (["poisson"], Loss.PoissonNegativeLogLikelihood),
        (["quantile", "pinball"], () => Loss.Quantile(0.1f, 0.5f, 0.9f)),
        (["kl_divergence", "kullback_leibler_divergence", "kld"], Loss.KullbackLeiblerDivergence),
        (["ctc"], () => Loss.Ctc()),
        (["conditional_random_field", "crf"], Loss.ConditionalRandomField),
        (["sampled_softmax"], Loss.SampledSoftmax),
        (["adaptive_softmax"], Loss.AdaptiveSoftmax),
        (["mixture_density"], Loss.MixtureDensity),
    ];

    /// <summary>The first name of each loss.</summary>
    public static IEnumerable<string> All => s_losses.Select(loss => loss.Names[0]);

    public static Loss Make(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string wanted = name.Trim();
        foreach ((string[] names, Func<Loss> make) in s_losses)
            if (names.Contains(wanted, StringComparer.OrdinalIgnoreCase)) return make();
        throw new ArgumentException($"Loss '{name}' is not known; expected one of: {string.Join(", ", s_losses.SelectMany(loss => loss.Names))}.", nameof(name));
    }
}
