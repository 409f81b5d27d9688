namespace Vms.Onvif.Soap;

/// <summary>What came back, coarsely.</summary>
public enum SoapAnswerKind
{
    /// <summary><see cref="SoapAnswer.Body"/> is there.</summary>
    Answer,

    /// <summary><see cref="SoapAnswer.Fault"/> is there.</summary>
    Fault,

    /// <summary>SOAP by its looks, but not readable, or beyond a ceiling.</summary>
    Malformed,

    /// <summary>Something else: a web page, nothing at all.</summary>
    NotSoap,
}

/// <summary>An answer of a device. Whatever its HTTP status is: faults come with 400, 401 and 500, and some with 200.</summary>
public sealed class SoapAnswer
{
    private SoapAnswer(SoapAnswerKind kind, ArraySegment<byte> document, SoapElement? body, SoapFault? fault)
    {
        Kind = kind;
        Document = document;
        Body = body ?? new SoapElement("");
        Fault = fault;
    }

    public SoapAnswerKind Kind { get; }

    /// <summary>The bytes it was read from.</summary>
    public ArraySegment<byte> Document { get; }

    /// <summary>The child of the envelope's Body. An element without a name where there is none.</summary>
    public SoapElement Body { get; }

    public SoapFault? Fault { get; }

    /// <param name="document">Kept as long as the answer is.</param>
    public static SoapAnswer Read(ArraySegment<byte> document)
    {
        var root = SoapReader.Read(document);
        if (root is null)
            return new(document.AsSpan().IndexOf("Envelope"u8) >= 0 ? SoapAnswerKind.Malformed : SoapAnswerKind.NotSoap, document, null, null);
        if (root.Name != "Envelope" || root.Child("Body") is not { } body)
            return new(SoapAnswerKind.NotSoap, document, null, null);
        if (body.Child("Fault") is { } fault)
            return new(SoapAnswerKind.Fault, document, null, SoapFault.Read(fault));

        // Operations without a result may come back with an empty Body (gSOAP's one-way answer).
        return new(SoapAnswerKind.Answer, document, body.Children is [var first, ..] ? first : null, null);
    }
}
