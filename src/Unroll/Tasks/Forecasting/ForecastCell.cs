namespace Unroll.Tasks;

/// <summary>The kind of a forecaster's recurrent layers.</summary>
public enum ForecastCell
{
    /// <summary>Long short-term memory.</summary>
    Lstm,

    /// <summary>Gated recurrent unit.</summary>
    Gru,

    /// <summary>The simple recurrent layer with tanh.</summary>
    SimpleRnn,
}
