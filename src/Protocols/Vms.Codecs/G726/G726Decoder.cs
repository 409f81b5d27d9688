namespace Vms.Codecs.G726;

/// <summary>
/// Decodes ITU-T G.726 (adaptive differential PCM) of 2 to 5 bits a code word to 16-bit samples. Code words as RFC 3551 §4.5.4 packs them:
/// the first in the least significant bits. It adapts to the signal: begun in the middle of a stream, it is right after some
/// hundredths of a second.
/// </summary>
/// <remarks>Fixed-point arithmetic and the names of its blocks are those of the recommendation. One caller at a time, no allocation.</remarks>
public sealed class G726Decoder
{
    public const int MinBits = 2;
    public const int MaxBits = 5;

    private const int Zeros = 6;
    private const int MinScale = 544;       // 1.06, of y in 9 fractional bits
    private const int MaxScale = 5120;      // 10.00

    private readonly int _bits;
    private readonly int[] _logs;           // quantizer output (DQLN), by code word
    private readonly int[] _multipliers;    // W, in 9 fractional bits
    private readonly int[] _speeds;         // F

    private readonly int[] _b = new int[Zeros];
    private readonly int[] _dq = new int[Zeros];    // floating point of 11 bits
    private int _a1, _a2;
    private int _sr1, _sr2;                         // floating point of 11 bits
    private int _pk1, _pk2;
    private int _yl, _yu;
    private int _dms, _dml, _ap;
    private bool _tone;

    /// <param name="bits">Of a code word, 2 to 5: 16, 24, 32 or 40 kbit/s at 8 kHz.</param>
    public G726Decoder(int bits)
    {
        _bits = bits;
        (_logs, _multipliers, _speeds) = bits switch
        {
            2 => (Mirrored([116, 365]), Mirrored([-704, 14048]), Mirrored([0, 0xE00])),
            3 => (Mirrored([-2048, 135, 273, 373]), Mirrored([-128, 960, 4384, 18624]), Mirrored([0, 0x200, 0x400, 0xE00])),
            4 => (
                Mirrored([-2048, 4, 135, 213, 273, 323, 373, 425]),
                Mirrored([-384, 576, 1312, 2048, 3584, 6336, 11360, 35904]),
                Mirrored([0, 0, 0, 0x200, 0x200, 0x200, 0x600, 0xE00])),
            5 => (
                Mirrored([-2048, -66, 28, 104, 169, 224, 274, 318, 358, 395, 429, 459, 488, 514, 539, 566]),
                Mirrored([448, 448, 768, 1248, 1280, 1312, 1856, 3200, 4512, 5728, 7008, 8960, 11456, 14080, 16928, 22272]),
                Mirrored([0, 0, 0, 0, 0, 0x200, 0x200, 0x200, 0x200, 0x200, 0x400, 0x600, 0x800, 0xA00, 0xC00, 0xC00])),
            _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "2 to 5 bits"),
        };
        Reset();
    }

    /// <summary>Back to the beginning of a stream.</summary>
    public void Reset()
    {
        Array.Clear(_b);
        Array.Fill(_dq, 32);
        (_a1, _a2, _pk1, _pk2, _dms, _dml, _ap, _tone) = (0, 0, 0, 0, 0, 0, 0, false);
        (_sr1, _sr2) = (32, 32);
        (_yl, _yu) = (34816, MinScale);
    }

    /// <param name="codes">At least as many bits as <paramref name="samples"/> need.</param>
    public void Decode(ReadOnlySpan<byte> codes, Span<short> samples)
    {
        uint word = 0;
        int held = 0;
        foreach (ref short sample in samples)
        {
            if (held < _bits)
            {
                word |= (uint)codes[0] << held;
                codes = codes[1..];
                held += 8;
            }

            sample = Decode((int)(word & ((1u << _bits) - 1)));
            word >>= _bits;
            held -= _bits;
        }
    }

    private static int[] Mirrored(int[] half)
    {
        // The codes of negative values are those of positive ones, counted from the other end.
        int[] all = new int[2 * half.Length];
        for (int i = 0; i < half.Length; i++)
            all[i] = all[^(i + 1)] = half[i];
        return all;
    }

    private short Decode(int code)
    {
        int zeros = 0;
        for (int i = 0; i < Zeros; i++)
            zeros += Multiply(_b[i] >> 2, _dq[i]);
        int sez = zeros >> 1;
        int se = zeros + Multiply(_a2 >> 2, _sr2) + Multiply(_a1 >> 2, _sr1) >> 1;
        int y = StepSize();
        bool negative = code >> _bits - 1 != 0;
        int magnitude = Magnitude(_logs[code], y);
        int sr = negative ? se - magnitude : se + magnitude;
        Adapt(y, code, magnitude, negative, sr, sr - se + sez);
        return (short)Math.Clamp(sr << 2, short.MinValue, short.MaxValue);
    }

    /// <summary>RECONST, ADDA, ANTILOG.</summary>
    private static int Magnitude(int log, int y)
    {
        int dql = log + (y >> 2);
        return dql < 0 ? 0 : 128 + (dql & 127) << 7 >> 14 - (dql >> 7 & 15);
    }

    /// <summary>MIX.</summary>
    private int StepSize()
    {
        if (_ap >= 256)
            return _yu;
        int y = _yl >> 6;
        int difference = _yu - y;
        int al = _ap >> 2;
        return difference > 0 ? y + (difference * al >> 6) : difference < 0 ? y + (difference * al + 0x3F >> 6) : y;
    }

    /// <summary>FMULT: a coefficient times a signal in floating point.</summary>
    private static int Multiply(int an, int srn)
    {
        int magnitude = an > 0 ? an : -an & 0x1FFF;
        int exponent = BitLength(magnitude) - 6;
        int mantissa = magnitude == 0 ? 32 : exponent >= 0 ? magnitude >> exponent : magnitude << -exponent;
        int shift = exponent + (srn >> 6 & 0xF) - 13;
        int product = mantissa * (srn & 0x3F) + 0x30 >> 4;
        int value = shift >= 0 ? product << shift & 0x7FFF : product >> -shift;
        return (an ^ srn) < 0 ? -value : value;
    }

    private void Adapt(int y, int code, int magnitude, bool negative, int sr, int dqsez)
    {
        int pk0 = dqsez < 0 ? 1 : 0;
        bool transition = _tone && magnitude > TransitionThreshold();

        // FUNCTW, FILTD, LIMB, FILTE
        _yu = Math.Clamp(y + (_multipliers[code] - y >> 5), MinScale, MaxScale);
        _yl += _yu + (-_yl >> 6);

        if (transition)
        {
            (_a1, _a2) = (0, 0);
            Array.Clear(_b);
            _tone = false;
        }
        else
        {
            AdaptPoles(pk0, dqsez);
            AdaptZeros(magnitude, negative);
            _tone = _a2 < -11776;
        }

        for (int i = Zeros - 1; i > 0; i--)
            _dq[i] = _dq[i - 1];
        _dq[0] = ToFloat(magnitude, negative);
        _sr2 = _sr1;
        _sr1 = sr <= short.MinValue ? ToFloat(0, true) : ToFloat(Math.Abs(sr), sr < 0);
        _pk2 = _pk1;
        _pk1 = pk0;
        AdaptSpeed(y, _speeds[code], transition);
    }

    /// <summary>TRANS.</summary>
    private int TransitionThreshold()
    {
        int whole = _yl >> 15;
        int threshold = whole > 9 ? 31 << 10 : 32 + (_yl >> 10 & 0x1F) << whole;
        return threshold + (threshold >> 1) >> 1;
    }

    /// <summary>UPA2, LIMC, UPA1, LIMD.</summary>
    private void AdaptPoles(int pk0, int dqsez)
    {
        bool opposite = pk0 != _pk1;
        int a2 = _a2 - (_a2 >> 7);
        if (dqsez != 0)
        {
            int fa1 = opposite ? _a1 : -_a1;
            a2 += fa1 < -8191 ? -0x100 : fa1 > 8191 ? 0xFF : fa1 >> 5;
            a2 = Math.Clamp(a2 + (pk0 != _pk2 ? -0x80 : 0x80), -12288, 12288);
        }

        _a2 = a2;
        _a1 -= _a1 >> 8;
        if (dqsez != 0)
            _a1 += opposite ? -192 : 192;
        int limit = 15360 - a2;
        _a1 = Math.Clamp(_a1, -limit, limit);
    }

    /// <summary>UPB.</summary>
    private void AdaptZeros(int magnitude, bool negative)
    {
        for (int i = 0; i < Zeros; i++)
        {
            _b[i] -= _b[i] >> (_bits == 5 ? 9 : 8);
            if (magnitude != 0)
                _b[i] += negative == _dq[i] < 0 ? 128 : -128;
        }
    }

    /// <summary>FILTA, FILTB, SUBTC, FILTC, TRIGA.</summary>
    private void AdaptSpeed(int y, int speed, bool transition)
    {
        _dms += speed - _dms >> 5;
        _dml += (speed << 2) - _dml >> 7;
        bool fast = y < 1536 || _tone || Math.Abs((_dms << 2) - _dml) >= _dml >> 3;
        _ap = transition ? 256 : _ap + ((fast ? 0x200 : 0) - _ap >> 4);
    }

    /// <summary>FLOATA, FLOATB.</summary>
    private static int ToFloat(int magnitude, bool negative)
    {
        int exponent = BitLength(magnitude);
        int value = magnitude == 0 ? 0x20 : (exponent << 6) + (magnitude << 6 >> exponent);
        return negative ? value - 0x400 : value;
    }

    private static int BitLength(int magnitude) => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)magnitude);
}
