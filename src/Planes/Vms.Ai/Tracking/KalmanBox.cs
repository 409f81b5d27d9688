using Vms.Ai.Detectors;

namespace Vms.Ai.Tracking;

/// <summary>
/// Where an object is and how it moves: centre and size, each with a constant velocity (Kalman filter; the four are independent of each other). Noise is
/// in proportion to the object's height, as in SORT and its successors.
/// </summary>
internal sealed class KalmanBox
{
    /// <summary>Of the height: how far a detector's box is off.</summary>
    private const float Measured = 0.06f;

    /// <summary>Heights per second²: people start, stop and turn.</summary>
    private const float Acceleration = 1.2f;

    private const float SizeAcceleration = 0.4f;

    /// <summary>Heights per second: how fast something may be that was seen once.</summary>
    private const float FirstVelocity = 1.5f;

    private Axis _x, _y, _width, _height;

    internal KalmanBox(Box box)
    {
        float first = FirstVelocity * box.Height, measured = Measured * box.Height;
        Spot centre = box.Centre();
        _x = Axis.At(centre.X, measured, first);
        _y = Axis.At(centre.Y, measured, first);
        _width = Axis.At(box.Width, measured, first / 4);
        _height = Axis.At(box.Height, measured, first / 4);
    }

    internal Box Box
    {
        get
        {
            float width = Math.Max(0.001f, _width.Value), height = Math.Max(0.001f, _height.Value);
            return new Box(_x.Value - (width / 2), _y.Value - (height / 2), width, height);
        }
    }

    /// <summary>Parts of the picture per second.</summary>
    internal Spot Velocity => new(_x.Velocity, _y.Velocity);

    internal void Predict(float seconds)
    {
        float height = Math.Max(0.01f, _height.Value);
        _x.Predict(seconds, Acceleration * height);
        _y.Predict(seconds, Acceleration * height);
        _width.Predict(seconds, SizeAcceleration * height);
        _height.Predict(seconds, SizeAcceleration * height);
    }

    /// <param name="score">A low one is believed less: it is often half hidden.</param>
    internal void Correct(Box box, float score)
    {
        float noise = Measured * Math.Max(0.01f, box.Height) * (2f - Math.Clamp(score, 0, 1));
        Spot centre = box.Centre();
        _x.Correct(centre.X, noise);
        _y.Correct(centre.Y, noise);
        _width.Correct(box.Width, noise);
        _height.Correct(box.Height, noise);
    }

    /// <summary>It stands: nobody looks for a while, and it does not drift away meanwhile.</summary>
    internal void Hold()
    {
        _x.Hold();
        _y.Hold();
        _width.Hold();
        _height.Hold();
    }

    /// <summary>A value and its velocity with their covariances.</summary>
    private struct Axis
    {
        private float _value, _velocity, _pp, _pv, _vv;

        internal readonly float Value => _value;

        internal readonly float Velocity => _velocity;

        internal static Axis At(float value, float deviation, float velocityDeviation) => new()
        {
            _value = value,
            _pp = deviation * deviation,
            _vv = velocityDeviation * velocityDeviation,
        };

        internal void Predict(float t, float acceleration)
        {
            float q = acceleration * acceleration;
            _value += _velocity * t;
            _pp += (2 * t * _pv) + (t * t * _vv) + (q * t * t * t * t / 4);
            _pv += (t * _vv) + (q * t * t * t / 2);
            _vv += q * t * t;
        }

        internal void Correct(float measured, float deviation)
        {
            float sum = _pp + (deviation * deviation);
            float gain = _pp / sum, velocityGain = _pv / sum, off = measured - _value;
            _value += gain * off;
            _velocity += velocityGain * off;
            _vv -= velocityGain * _pv;
            _pv *= 1 - gain;
            _pp *= 1 - gain;
        }

        internal void Hold()
        {
            _velocity = 0;
            _pv = 0;
        }
    }
}
