using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Tensors;

namespace Unroll.Losses;

/// <summary>
/// What training makes small: one number from outputs and targets, with its gradient. Every loss is the mean over the
/// real targets: the padding of sequences counts nowhere. With weights it is Σ w·l / Σ w; where no target counts
/// (an empty batch, all ignored, all weights 0) it is 0 with a gradient of 0.
/// </summary>
/// <remarks>
/// The cross-entropies and the divergence take logits and include the softmax or sigmoid, which is stable for any
/// finite logit. Losses have no state, so one object serves many models and threads.
/// </remarks>
public abstract class Loss
{
    /// <summary>The name that Keras gives the loss, for example <c>"mean_squared_error"</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the outputs are logits, to which the loss itself applies softmax, sigmoid or e^x.</summary>
    public virtual bool TakesLogits => false;

    /// <summary>
    /// Whether a model that ends in this activation is trained on what comes before the activation: softmax for the
    /// categorical losses, sigmoid for the binary one, linear for all.
    /// </summary>
    /// <param name="activationName">Keras's name, such as <c>"softmax"</c>; <c>"linear"</c> for none.</param>
    public virtual bool Matches(string activationName) => activationName == "linear";

    /// <summary>Refuses a model's last activation with which this loss has no meaning.</summary>
    /// <param name="activationName">Keras's name; <c>"linear"</c> for none.</param>
    /// <exception cref="ArgumentException">The loss takes logits, and this activation does not give its probabilities.</exception>
    public void CheckEnding(string activationName)
    {
        ArgumentNullException.ThrowIfNull(activationName);
        if (!TakesLogits || Matches(activationName)) return;
        string hint = activationName switch
        {
            "sigmoid" => "; for independent yes-or-no outputs use binary_crossentropy",
            "softmax" => "; for one class out of many use categorical_crossentropy or sparse_categorical_crossentropy",
            _ => "",
        };
        throw new ArgumentException($"Loss '{Name}': the model ends in '{activationName}', expected {ExpectedEnding}{(Matches("linear") ? " or no activation" : "")}{hint}.", nameof(activationName));
    }

    /// <summary>The loss of a batch, recorded on the tape of the outputs.</summary>
    /// <param name="outputs">What the model gave: [B, F] or [B, T, F], possibly with lengths; computed on a tape.</param>
    /// <param name="targets">What it should have given; each loss says in which shape. May lack a last axis of 1.</param>
    /// <param name="weights">One a sample [B] or one a step [B, T], at least 0; losses that work number by number also take the targets' shape. Null for ones.</param>
    /// <returns>One number.</returns>
    /// <exception cref="ArgumentException">Shapes, lengths or values that do not fit; the message gives both.</exception>
    public abstract Tensor Of(Tensor outputs, Tensor targets, Tensor? weights = null);

    /// <summary>The shape of the targets for outputs of a shape, or null where zeros of no one shape will do.</summary>
    internal virtual Basics.Shape? TargetShapeOf(Basics.Shape outputs) => null;

    /// <summary>The class index that counts nowhere, for losses of one class index a row; null for the others.</summary>
    internal virtual int? IgnoredTarget => null;

    /// <summary>
    /// Whether a target belongs to a sequence as a whole, with a length of its own, so that a sequence and not a step
    /// counts once in a mean.
    /// </summary>
    internal virtual bool CountsSequences => false;

    /// <summary>What makes an equal loss together with the name, for a model's file; null for a loss that is not this library's.</summary>
    internal virtual JsonObject? Settings => null;

    /// <summary>The activation by which a model of this loss may end, for messages.</summary>
    private protected virtual string ExpectedEnding => "'linear'";

    /// <summary>(x − y)², as <c>"mean_squared_error"</c>. Targets of the outputs' shape.</summary>
    public static Loss MeanSquaredError() => new MeanSquaredError();

    /// <summary>|x − y|, as <c>"mean_absolute_error"</c>; its derivative at 0 is 0. Targets of the outputs' shape.</summary>
    public static Loss MeanAbsoluteError() => new MeanAbsoluteError();

    /// <summary>½ d² for |d| below δ and δ(|d| − ½ δ) from there, d = x − y (Huber 1964, equation 3.1). Targets of the outputs' shape.</summary>
    /// <param name="delta">δ, above 0, in the targets' unit. Default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">δ is not a finite number above 0.</exception>
    public static Loss Huber(float delta = 1f) => new Huber(delta);

    /// <summary>
    /// −Σ_c q_c log softmax(x)_c over the last axis, from logits. Targets are probabilities, or one-hot, of the outputs' shape.
    /// </summary>
    /// <param name="labelSmoothing">ε in [0, 1): q becomes (1 − ε) q + ε/C (Szegedy et al. 2016, section 7). Default 0.</param>
    /// <param name="classWeights">One a class, at least 0: class c's term counts w_c times, and a row Σ w_c q_c times in the mean. Null for ones.</param>
    /// <exception cref="ArgumentException">A value out of range.</exception>
    public static Loss CategoricalCrossEntropy(float labelSmoothing = 0f, IReadOnlyList<float>? classWeights = null) =>
        new CategoricalCrossEntropy(labelSmoothing, classWeights);

    /// <summary>−log softmax(x)_y from logits, for one class index y a row: targets [B, …] for outputs [B, …, C].</summary>
    /// <param name="ignoredTarget">A target that counts nowhere. Default −100.</param>
    /// <param name="labelSmoothing">ε in [0, 1), as in <see cref="CategoricalCrossEntropy"/>. Default 0.</param>
    /// <param name="classWeights">One a class, at least 0; the mean is weighted by the targets' class, as in PyTorch. Null for ones.</param>
    /// <exception cref="ArgumentException">A value out of range.</exception>
    public static Loss SparseCategoricalCrossEntropy(int ignoredTarget = -100, float labelSmoothing = 0f, IReadOnlyList<float>? classWeights = null) =>
        new SparseCategoricalCrossEntropy(ignoredTarget, labelSmoothing, classWeights);

    /// <summary>−y log σ(x) − (1 − y) log(1 − σ(x)) from logits. Targets in [0, 1] of the outputs' shape.</summary>
    /// <param name="labelSmoothing">ε in [0, 1): y becomes (1 − ε) y + ε/2. Default 0.</param>
    /// <param name="classWeights">Two, of class 0 and class 1, at least 0: a target y weighs (1 − y) w₀ + y w₁. Null for ones.</param>
    /// <exception cref="ArgumentException">A value out of range.</exception>
    public static Loss BinaryCrossEntropy(float labelSmoothing = 0f, IReadOnlyList<float>? classWeights = null) =>
        new BinaryCrossEntropy(labelSmoothing, classWeights);

    /// <summary>
    /// −log of the normal density, ½ log 2π + log s + (y − μ)²/(2 s²). Outputs [B, …, 2H] hold for each target its pair
    /// (μ, r) side by side, with the scale s = softplus(r) + 0.001; targets [B, …, H], or [B, …] for H = 1.
    /// </summary>
    public static Loss GaussianNegativeLogLikelihood() => new GaussianNegativeLogLikelihood();

    /// <summary>
    /// −log of the normal density with mean and variance given: ½ (log 2π + log v + (y − μ)²/v), v at least 10⁻⁶,
    /// recorded for both. A mean over all targets.
    /// </summary>
    /// <param name="mean">μ, computed on a tape.</param>
    /// <param name="variance">v &gt; 0, of the mean's shape.</param>
    /// <param name="targets">y, of the mean's shape.</param>
    /// <param name="weights">As for <see cref="Of"/>.</param>
    /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
    public static Tensor GaussianNegativeLogLikelihoodOf(Tensor mean, Tensor variance, Tensor targets, Tensor? weights = null) =>
        Losses.GaussianNegativeLogLikelihood.OfVariance(mean, variance, targets, weights);

    /// <summary>e^x − y·x, the Poisson distribution's −log likelihood without log y!, where x is the log of the rate. Targets at least 0 of the outputs' shape.</summary>
    public static Loss PoissonNegativeLogLikelihood() => new PoissonNegativeLogLikelihood();

    /// <summary>
    /// The pinball loss max(τ d, (τ − 1) d), d = y − x, whose minimum is the τ quantile (Koenker and Bassett 1978).
    /// Outputs [B, …, H·Q] hold the Q quantiles of the first target, then those of the second; targets [B, …, H], or
    /// [B, …] for H = 1. A mean over targets and quantiles.
    /// </summary>
    /// <param name="quantiles">Each τ in (0, 1), in the order of the outputs. Give at least one.</param>
    /// <exception cref="ArgumentException">None, or one outside (0, 1).</exception>
    public static Loss Quantile(params float[] quantiles) => new QuantileLoss(quantiles);

    /// <summary>
    /// Σ_c q_c (log q_c − log softmax(x)_c) over the last axis, from logits, a mean over rows. Targets are probabilities
    /// of the outputs' shape; classes with q_c = 0 add nothing.
    /// </summary>
    public static Loss KullbackLeiblerDivergence() => new KullbackLeiblerDivergence();

    /// <summary>
    /// Connectionist temporal classification (Graves et al. 2006): −log of the probability of a label sequence that is
    /// shorter than the outputs and not aligned with them, summed over every alignment with blanks between the labels.
    /// Outputs [B, T, C] are logits; targets [B, L] are classes without the blank, with lengths of their own
    /// (<see cref="Tensor.FromTokens"/>). Each sequence's loss is divided by its number of labels (at least 1) and the
    /// mean is over sequences, as PyTorch's "mean". Weights are [B], one a sequence.
    /// </summary>
    /// <param name="blank">The class that stands for no label. Default 0.</param>
    /// <param name="zeroInfinity">Whether labels that do not fit into their steps cost 0, with a gradient of 0, instead of being refused. They still count in the mean.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative blank.</exception>
    public static Loss Ctc(int blank = 0, bool zeroInfinity = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blank);
        return new ConnectionistTemporalClassification(blank, zeroInfinity);
    }

    /// <summary>
    /// −log p(tags | x) of a model that ends in a <c>ConditionalRandomField</c> (Lafferty et al. 2001), with targets [B, T]:
    /// the sum over sequences divided by the number of their steps. Weights are one a sample.
    /// </summary>
    public static Loss ConditionalRandomField() => new OutputHeadLoss("conditional_random_field", "ConditionalRandomField", null);

    /// <summary>
    /// −log p(y) of a model that ends in a <c>SampledSoftmax</c>: over the target and the step's candidates while
    /// training (Jean et al. 2015), over every class otherwise. Targets [B, …] are class indices, −100 to ignore one.
    /// </summary>
    public static Loss SampledSoftmax() => new OutputHeadLoss("sampled_softmax", "SampledSoftmax", -100);

    /// <summary>
    /// −log p(y) of a model that ends in an <c>AdaptiveSoftmax</c> (Grave et al. 2017), computing only the clusters that
    /// the targets are in. Targets [B, …] are class indices, −100 to ignore one.
    /// </summary>
    public static Loss AdaptiveSoftmax() => new OutputHeadLoss("adaptive_softmax", "AdaptiveSoftmax", -100);

    /// <summary>
    /// −log of a mixture of normal densities (Bishop 1994). Outputs [B, …, K(1 + 2D)] hold for each row the logits of K
    /// weights, K·D means and K·D raw scales, as a <c>MixtureDensity</c> layer gives them; targets [B, …, D], or [B, …]
    /// for D = 1. A mean over rows; a row's D numbers count together.
    /// </summary>
    public static Loss MixtureDensity() => new MixtureDensityLoss();

    /// <summary>The loss of a Keras name, or a common short form, with default options.</summary>
    /// <exception cref="ArgumentException">An unknown name; the message lists the known ones.</exception>
    public static Loss FromName(string name) => LossNames.Make(name);

    /// <summary>The weights, or no tensor.</summary>
    private protected static Tensor OrNone(Tensor? weights) => weights ?? default;

    /// <summary>A single number on the tape.</summary>
    private protected static Tensor Number(Tape tape, double value, bool needsGradient)
    {
        Tensor number = tape.New(new Basics.Shape(), null, needsGradient);
        number.Storage[0] = (float)value;
        return number;
    }
}
