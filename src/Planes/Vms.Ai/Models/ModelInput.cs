namespace Vms.Ai.Models;

/// <summary>What a model wants to see: how a picture becomes its input tensor.</summary>
/// <param name="Width">Pixels, likewise <paramref name="Height"/>.</param>
/// <param name="PlanesFirst">[N, 3, H, W]; otherwise [N, H, W, 3].</param>
/// <param name="RedFirst">RGB; otherwise BGR.</param>
/// <param name="KeepShape">The picture keeps its shape in the upper left corner, and <paramref name="Padding"/> fills the rest; otherwise it is stretched.</param>
/// <param name="Padding">0..255, before <paramref name="Mean"/> and <paramref name="Scale"/>.</param>
/// <param name="Mean">Is taken from the value of 0..255: blue, green, red.</param>
/// <param name="Scale">Multiplies what is left: blue, green, red.</param>
internal sealed record ModelInput(
    int Width, int Height, bool PlanesFirst, bool RedFirst, bool KeepShape, byte Padding, (float B, float G, float R) Mean, (float B, float G, float R) Scale)
{
    internal const int Channels = 3;

    internal int Elements => Width * Height * Channels;

    internal static (float B, float G, float R) All(float value) => (value, value, value);

    internal long[] Shape(int pictures) => PlanesFirst ? [pictures, Channels, Height, Width] : [pictures, Height, Width, Channels];

    /// <summary>How large a part of a picture is in the input, in pixels.</summary>
    internal (int Width, int Height) Fit(int width, int height)
    {
        if (!KeepShape)
            return (Width, Height);
        double factor = Math.Min((double)Width / width, (double)Height / height);
        return (Math.Clamp((int)Math.Round(width * factor), 1, Width), Math.Clamp((int)Math.Round(height * factor), 1, Height));
    }
}
