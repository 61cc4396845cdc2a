Attribute VB_Name = "xl_econ"
' The functions of xl_econ {version} for classic xlwings on Windows, made by: xl-econ functions install
'
' Instead of the button "Import Functions" of xlwings: in the VBA editor, File > Import File, this file. It does what the
' button does, and shows #VALUE! and #NUM! as errors of Excel, which the button cannot. It needs a reference to xlwings
' (Tools > References). Help for the function wizard: run Auto_Open once, or open the workbook again.
Option Explicit

Private Function Asked(called As String, ByVal arguments As Variant) As Variant
    Dim place As Long
    On Error GoTo failed
    ' Value2: a cell in a format of money would come with four decimals only
    For place = LBound(arguments) To UBound(arguments)
        If IsObject(arguments(place)) Then arguments(place) = arguments(place).Value2
    Next place
    Asked = Typed(XLPy.CallUDF("xl_econ.functions.xlwings_udfs", called, arguments, ThisWorkbook, Application.Caller))
    Exit Function
failed:
    Asked = "xl_econ: " & Err.Description
End Function

Private Function Typed(value As Variant) As Variant
    Dim row As Long, column As Long
    If Not IsArray(value) Then
        Typed = TypedCell(value)
        Exit Function
    End If
    For row = LBound(value, 1) To UBound(value, 1)
        If Dimensions(value) = 1 Then
            value(row) = TypedCell(value(row))
        Else
            For column = LBound(value, 2) To UBound(value, 2)
                value(row, column) = TypedCell(value(row, column))
            Next column
        End If
    Next row
    Typed = value
End Function

Private Function TypedCell(value As Variant) As Variant
    TypedCell = value
    If VarType(value) <> vbString Then Exit Function
    If value = "#VALUE!" Then TypedCell = CVErr(xlErrValue)
    If value = "#NUM!" Then TypedCell = CVErr(xlErrNum)
End Function

Private Function Dimensions(value As Variant) As Long
    Dim bound As Long
    Dimensions = 1
    On Error GoTo one
    bound = UBound(value, 2)
    Dimensions = 2
one:
End Function

Private Function Listed(first As Variant, others As Variant) As Variant
    Dim all() As Variant, place As Long
    ReDim all(0 To UBound(others) + 1)
    all(0) = first
    For place = 0 To UBound(others)
        If IsObject(others(place)) Then Set all(place + 1) = others(place) Else all(place + 1) = others(place)
    Next place
    Listed = all
End Function

Public Sub Auto_Open()
    On Error Resume Next
{registrations}
End Sub

{functions}
